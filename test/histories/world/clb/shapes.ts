/** A listener and its backends of a history, in the shapes of the cloud's API. */
import { listenerShape } from '../../../../sandbox/clb/api/actions/shapes.ts';
import type { BalancerTarget } from '../../../../sandbox/clb/balancers/balancer-target.ts';
import type { Listener as ListenerOfSandbox } from '../../../../sandbox/clb/balancers/listener.ts';
import type { Backend, Listener } from './backend.ts';

export const headOf = ({ id, protocol, port }: Listener) => ({
  ListenerId: id,
  Protocol: protocol,
  Port: port,
  EndPort: 0,
});

export const settingsOf = ({ id, protocol, port, rules }: Listener, sessionExpireSeconds: number) =>
  listenerShape({
    ...{ id, protocol, port, endPort: 0, createdAtMs: 0 },
    rules: rules.map((rule) => ({
      ...{ id: rule, domain: hostOf(rule), url: '/', scheduler: 'WRR', sessionExpireSeconds },
    })),
    settings: {
      ...{ name: id, scheduler: 'WRR', sessionExpireSeconds, targetType: 'NODE', keepaliveMs: 0 },
      ...{ deregisterTargetRst: false, flags: [], idleTimeoutSeconds: 900 },
      ...{ rescheduleIntervalSeconds: 0, rescheduleStartSeconds: 0 },
      health: { on: true, timeoutMs: 2000, intervalMs: 5000, healthyThreshold: 3, unhealthyThreshold: 3 },
    },
  } as unknown as ListenerOfSandbox);

export const targetOf = (
  { address, port, weight, registeredAtMs }: Backend,
  health: BalancerTarget['health'],
): BalancerTarget =>
  ({ address, port, weight, health, registeredAtMs, type: 'ENI', instanceId: '' }) as unknown as BalancerTarget;

/** On layer 4 the backends hang on the listener, on layer 7 on its rules; the other list is null. */
export function targetsIn<T>(
  { rules, backends }: Listener,
  shape: (backend: Backend) => T,
  isMeant: (backend: Backend) => boolean = () => true,
): { Rules: { Targets: T[] }[] | null; Targets: T[] | null } {
  const meant = [...backends.values()].filter(isMeant);
  if (rules.length === 0) return { Rules: null, Targets: meant.map(shape) };
  const held = rules.map((rule) => ({
    ...{ LocationId: rule, Domain: hostOf(rule), Url: '/' },
    Targets: meant.filter((each) => each.rule === rule).map(shape),
  }));
  return { Rules: held, Targets: null };
}

const hostOf = (rule: string): string => `${rule}.example`;
