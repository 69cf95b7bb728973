import { CloudFault } from './balancers/fault.ts';
import type { HealthCheckSettings, ListenerFields, ListenerOptions, RuleOptions } from './model.ts';

/** Whether connections are really carried; UDP and QUIC listeners are configuration only. */
export const carriesTcp = (protocol: string): boolean => protocol !== 'UDP' && protocol !== 'QUIC';

/** A listener's settings with the cloud's own defaults (CLB API 2018-03-17, CreateListener). Throws on values that the cloud refuses. */
export function listenerSettings(options: ListenerOptions, health: HealthCheckSettings): ListenerFields {
  const settings: ListenerFields = {
    name: options.name ?? 'TKE-DEDICATED-LISTENER',
    scheduler: options.scheduler ?? 'WRR',
    sessionExpireSeconds: options.sessionExpireSeconds ?? 0,
    flags: options.flags ?? [],
    targetType: options.targetType ?? 'NODE',
    deregisterTargetRst: options.deregisterTargetRst ?? false,
    idleTimeoutSeconds: options.idleTimeoutSeconds ?? (options.protocol === 'UDP' ? 300 : 900),
    rescheduleStartSeconds: options.rescheduleStartSeconds ?? 0,
    rescheduleIntervalSeconds: options.rescheduleIntervalSeconds ?? 0,
    persistAtZeroWeight: options.persistAtZeroWeight ?? true,
    hashIgnoresWeight: options.hashIgnoresWeight ?? false,
    keepaliveMs: options.keepaliveMs ?? 0,
    pooledAtZeroWeight: options.pooledAtZeroWeight ?? false,
    health: { ...health, ...options.health },
  };
  assertSettings(settings);
  return settings;
}

/** The forwarding rules of a new listener: what they do not say is as its own settings are. */
export const ruleSettings = (
  { rules = [] }: ListenerOptions,
  { scheduler, sessionExpireSeconds }: ListenerFields,
): Required<RuleOptions>[] => rules.map((rule) => ({ url: '/', scheduler, sessionExpireSeconds, ...rule }));

/** Throws InvalidParameterValue where the cloud would: session persistence outside 30-3600 s or with LEAST_CONN. */
export function assertSettings(settings: ListenerFields): void {
  const { sessionExpireSeconds, scheduler } = settings;
  if (sessionExpireSeconds === 0) return;
  if (sessionExpireSeconds < 30 || sessionExpireSeconds > 3600) {
    throw new CloudFault('InvalidParameterValue', `SessionExpireTime ${sessionExpireSeconds} is not in 30-3600.`);
  }
  if (scheduler === 'LEAST_CONN') {
    throw new CloudFault('InvalidParameterValue', 'SessionExpireTime needs Scheduler WRR.');
  }
}

/** Throws InvalidParameterValue unless the weight is an integer of 0 to 100. */
export function assertWeight(weight: number): void {
  if (!Number.isInteger(weight) || weight < 0 || weight > 100) {
    throw new CloudFault('InvalidParameterValue.Range', `The weight ${weight} is not an integer in 0-100.`);
  }
}
