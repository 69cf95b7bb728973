/** The cloud's JSON shapes of what the balancers hold (CLB API 2018-03-17, data types). */

import type { BalancerTarget } from '../../balancers/balancer-target.ts';
import type { Balancer } from '../../balancers/cloud-balancer.ts';
import type { Listener, Rule } from '../../balancers/listener.ts';
import type { HealthCheckSettings, TargetHealth } from '../../model.ts';

/** `YYYY-MM-DD HH:mm:ss` in UTC+8, as the API prints times. */
export function cloudTime(ms: number): string {
  return new Date(ms + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
}

export const isLayer7 = (listener: Listener): boolean => listener.protocol === 'HTTP' || listener.protocol === 'HTTPS';

/** The backends of a listener that belong to one rule; undefined: to the listener itself. */
export const targetsOf = (listener: Listener, ruleId: string | undefined): BalancerTarget[] =>
  listener.targets.filter((target) => target.ruleId === ruleId);

export function balancerShape(balancer: Balancer): Record<string, unknown> {
  const bound = [...balancer.listeners.values()].reduce((sum, listener) => sum + listener.targets.length, 0);
  return {
    LoadBalancerId: balancer.id,
    LoadBalancerName: balancer.name,
    LoadBalancerType: balancer.network === 'public' ? 'OPEN' : 'INTERNAL',
    Forward: 1,
    Domain: balancer.domain ?? '',
    LoadBalancerDomain: balancer.domain ?? '',
    LoadBalancerVips: balancer.domain === undefined ? [balancer.vip] : [],
    Status: balancer.running ? 1 : 0,
    CreateTime: cloudTime(balancer.createdAtMs),
    VpcId: balancer.vpcId,
    NumericalVpcId: balancer.numericVpcId,
    AddressIPVersion: 'ipv4',
    AddressIPv6: null,
    IPv6Mode: null,
    TargetRegionInfo: { Region: balancer.region, VpcId: balancer.vpcId, NumericalVpcId: balancer.numericVpcId },
    Isolation: 0,
    SnatPro: false,
    SlaType: '',
    AttributeFlags: balancer.attributeFlags,
    Tags: Object.entries(balancer.tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue })),
    TargetCount: bound,
  };
}

export function listenerShape(listener: Listener): Record<string, unknown> {
  const { settings } = listener;
  return {
    ListenerId: listener.id,
    Protocol: listener.protocol,
    Port: listener.port,
    EndPort: listener.endPort,
    ListenerName: settings.name,
    CreateTime: cloudTime(listener.createdAtMs),
    Certificate: null,
    Scheduler: isLayer7(listener) ? null : settings.scheduler,
    SessionExpireTime: isLayer7(listener) ? 0 : settings.sessionExpireSeconds,
    SessionType: 'NORMAL',
    HealthCheck: isLayer7(listener) ? null : healthCheckShape(settings.health),
    Rules: isLayer7(listener) ? listener.rules.map((rule) => ruleShape(listener, rule)) : null,
    SniSwitch: 0,
    TargetType: settings.targetType,
    TargetGroup: null,
    TargetGroupList: null,
    KeepaliveEnable: settings.keepaliveMs > 0 ? 1 : 0,
    DeregisterTargetRst: settings.deregisterTargetRst,
    AttrFlags: settings.flags,
    MaxConn: -1,
    MaxCps: -1,
    IdleConnectTimeout: settings.idleTimeoutSeconds,
    RescheduleInterval: settings.rescheduleIntervalSeconds,
    RescheduleStartTime: settings.rescheduleStartSeconds,
  };
}

function ruleShape(listener: Listener, rule: Rule): Record<string, unknown> {
  return {
    LocationId: rule.id,
    ListenerId: listener.id,
    Domain: rule.domain,
    Domains: [rule.domain],
    Url: rule.url,
    Scheduler: rule.scheduler,
    SessionExpireTime: rule.sessionExpireSeconds,
    HealthCheck: healthCheckShape(listener.settings.health),
    TargetType: listener.settings.targetType,
    TargetGroup: null,
    ForwardType: 'HTTP',
    Http2: false,
    DefaultServer: false,
    CookieName: null,
  };
}

/** Seconds are what the API speaks; a pace below one second is reported as 1. */
function healthCheckShape(health: HealthCheckSettings): Record<string, unknown> {
  return {
    HealthSwitch: health.on ? 1 : 0,
    TimeOut: Math.max(1, Math.ceil(health.timeoutMs / 1000)),
    IntervalTime: Math.max(1, Math.ceil(health.intervalMs / 1000)),
    HealthNum: health.healthyThreshold,
    UnHealthNum: health.unhealthyThreshold,
    CheckType: 'TCP',
    CheckPort: null,
    HttpCode: null,
    HttpCheckPath: null,
    SourceIpType: 0,
  };
}

export function backendShape(target: BalancerTarget): Record<string, unknown> {
  return {
    Type: target.type,
    InstanceId: target.instanceId,
    Port: target.port,
    Weight: target.weight,
    PublicIpAddresses: null,
    PrivateIpAddresses: [target.address],
    InstanceName: null,
    RegisteredTime: cloudTime(target.registeredAtMs),
    EniId: null,
    Tag: null,
    Zone: null,
  };
}

const HEALTH_DETAIL: Record<TargetHealth, string> = { alive: 'Alive', dead: 'Dead', probing: 'Unknown', off: 'Close' };

/** `HealthStatus` is true while nothing is known yet: only `HealthStatusDetail` can be trusted, as with the cloud's own. */
export function targetHealthShape(target: BalancerTarget): Record<string, unknown> {
  const detail = HEALTH_DETAIL[target.health];
  return {
    IP: target.address,
    Port: target.port,
    HealthStatus: target.health !== 'dead',
    TargetId: target.instanceId,
    HealthStatusDetail: detail,
    HealthStatusDetial: detail,
    TargetGroupId: '',
    Weight: target.weight,
  };
}
