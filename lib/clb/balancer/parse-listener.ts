import type { ListenerState } from '../../ports.ts';
import {
  type AnswerObject,
  isObject,
  malformed,
  optionalNumber,
  optionalObjects,
  optionalText,
  optionalTexts,
  requiredNumber,
  requiredObjects,
  requiredText,
} from '../calls/cloud-answer.ts';

/** A forwarding rule of a layer-7 listener. */
export interface RuleSettings {
  id: string;
  /** Host and path, for people. */
  text: string;
  checksHealth: boolean;
  /** Whether its targets are those of a target group. */
  ofGroup: boolean;
}

export interface ListenerSettings {
  state: Omit<ListenerState, 'backends'>;
  /** undefined: a layer-4 listener, whose backends hang on itself. */
  rules: readonly RuleSettings[] | undefined;
}

/** DescribeListeners (CLB API 2018-03-17). Throws CloudError when the list is missing or shorter than it says itself. */
export function parseListeners(answer: AnswerObject, balancerId: string): readonly ListenerSettings[] {
  const listeners = requiredObjects(answer, 'Listeners', `DescribeListeners of ${balancerId}`);
  const total = optionalNumber(answer, 'TotalCount');
  if (total !== undefined && total > listeners.length) {
    throw malformed(`DescribeListeners of ${balancerId} shows ${listeners.length} of ${total} listeners`);
  }
  return listeners.map(parseListener);
}

function parseListener(listener: AnswerObject): ListenerSettings {
  const id = requiredText(listener, 'ListenerId', 'a listener');
  const of = `listener ${id}`;
  const protocol = requiredText(listener, 'Protocol', of).toUpperCase();
  const isLayer7 = protocol === 'HTTP' || protocol === 'HTTPS';
  // A layer-7 listener without any rule has null here.
  const rules = isLayer7 ? (optionalObjects(listener, 'Rules') ?? []) : [];
  const holders = isLayer7 ? rules : [listener];
  const endPort = optionalNumber(listener, 'EndPort') ?? 0;
  const idle = optionalNumber(listener, 'IdleConnectTimeout') ?? 0;
  const state: ListenerSettings['state'] = {
    id,
    protocol,
    port: requiredNumber(listener, 'Port', of),
    ...(endPort > 0 ? { endPort } : {}),
    scheduler: oneOf(holders.map((holder) => optionalText(holder, 'Scheduler') ?? 'unknown')),
    sessionExpireSeconds: Math.max(
      0,
      ...[listener, ...rules].map((holder) => optionalNumber(holder, 'SessionExpireTime') ?? 0),
    ),
    targetType: targetTypeOf([listener, ...rules]),
    flags: flagsOf(listener, protocol),
    // Where it exists and is not said, the worst case.
    resetsOnUnbind: reschedules(protocol)
      ? listener['DeregisterTargetRst'] !== false
      : listener['DeregisterTargetRst'] === true,
    ...(idle > 0 ? { idleTimeoutSeconds: idle } : {}),
    healthCheck: healthCheckOf(holders),
  };
  return { state, rules: isLayer7 ? rules.map((rule) => parseRule(rule, listener, of)) : undefined };
}

function parseRule(rule: AnswerObject, listener: AnswerObject, of: string): RuleSettings {
  return {
    id: requiredText(rule, 'LocationId', `a rule of ${of}`),
    text: `${optionalText(rule, 'Domain') ?? '*'}${optionalText(rule, 'Url') ?? '/'}`,
    checksHealth: healthCheckOf([rule]).on,
    ofGroup: isGroup(typeOf(rule) ?? typeOf(listener) ?? 'NODE'),
  };
}

const oneOf = (texts: readonly string[]): string => {
  const [first = 'unknown', ...others] = new Set(texts);
  return others.length === 0 ? first : 'mixed';
};

/** On layer 7 each rule has its own; one that is bound to a target group speaks for the listener, since weights do not reach it. */
function targetTypeOf(holders: readonly AnswerObject[]): string {
  const known = holders.map(typeOf).filter((type) => type !== undefined);
  return known.find(isGroup) ?? known[0] ?? 'NODE';
}

function typeOf(holder: AnswerObject): string | undefined {
  const hasGroup = isObject(holder['TargetGroup']) || (optionalObjects(holder, 'TargetGroupList') ?? []).length > 0;
  return optionalText(holder, 'TargetType')?.toUpperCase() ?? (hasGroup ? 'TARGETGROUP' : undefined);
}

/** TARGETGROUP and TARGETGROUP-V2. */
export const isGroup = (targetType: string): boolean => targetType.startsWith('TARGETGROUP');

/** Rescheduling and resets exist on TCP and UDP listeners only. */
const reschedules = (protocol: string): boolean => protocol === 'TCP' || protocol === 'UDP';

/**
 * AttrFlags. One of them makes weight 0 cut connections. Where the list is missing, the
 * times that go with rescheduling show whether it may be on.
 */
function flagsOf(listener: AnswerObject, protocol: string): readonly string[] {
  const flags = optionalTexts(listener, 'AttrFlags');
  if (flags !== undefined) return flags;
  const mayReschedule =
    reschedules(protocol) &&
    ['RescheduleInterval', 'RescheduleStartTime'].some((key) => (optionalNumber(listener, key) ?? 0) > 0);
  return mayReschedule ? ['RescheduleTargetZeroWeight'] : [];
}

/** The cloud's defaults where a part is missing; over several rules the slowest check counts. A missing check counts as on. */
function healthCheckOf(holders: readonly AnswerObject[]): ListenerState['healthCheck'] {
  const checks = (holders.length > 0 ? holders : [{}]).map((holder: AnswerObject) => {
    const check = holder['HealthCheck'];
    const fields = isObject(check) ? check : {};
    return {
      on: optionalNumber(fields, 'HealthSwitch') !== 0,
      intervalSeconds: optionalNumber(fields, 'IntervalTime') ?? 5,
      healthyThreshold: optionalNumber(fields, 'HealthNum') ?? 3,
      unhealthyThreshold: optionalNumber(fields, 'UnHealthNum') ?? 3,
    };
  });
  return {
    on: checks.some((check) => check.on),
    intervalSeconds: Math.max(...checks.map((check) => check.intervalSeconds)),
    healthyThreshold: Math.max(...checks.map((check) => check.healthyThreshold)),
    unhealthyThreshold: Math.max(...checks.map((check) => check.unhealthyThreshold)),
  };
}
