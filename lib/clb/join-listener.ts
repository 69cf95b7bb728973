/** Settings, weights and health of one listener, from three answers that must not contradict each other. */
import type { BackendState, ListenerState } from '../ports.ts';
import { malformed } from './answer.ts';
import { type HealthView, healthOf } from './parse-health.ts';
import type { ListenerSettings } from './parse-listener.ts';
import type { BoundTarget, ListenerTargets } from './parse-targets.ts';

/** The cloud's default weight, for a target of a target group whose weight is not shown: anything but 0 is the safe reading. */
const DEFAULT_WEIGHT = 10;

/**
 * Throws CloudError when the listener is not spoken of, or when a list of targets is missing and the health answer does not say
 * that there are none: "no list" must not read as "not bound".
 */
export function joinListener(
  { state, rules }: ListenerSettings,
  listed: ListenerTargets | undefined,
  health: HealthView,
): ListenerState {
  const targets = state.targetType.startsWith('TARGETGROUP')
    ? groupTargets(state.id, rules !== undefined, listed, health)
    : boundTargets(state.id, listed, health);
  const ruleOf = new Map((rules ?? []).map((rule) => [rule.id, rule]));
  const backendOf = ({ ruleId, address, port, weight }: BoundTarget): BackendState => {
    const rule = ruleId === undefined ? undefined : ruleOf.get(ruleId);
    const detail = health.detailOf(state.id, ruleId, address, port);
    return {
      listenerId: state.id,
      ...(ruleId === undefined ? {} : { ruleId, rule: rule?.text ?? ruleId }),
      address,
      port,
      weight,
      health: healthOf(detail, rule?.checksHealth ?? state.healthCheck.on),
    };
  };
  return { ...state, backends: targets.map(backendOf) };
}

function boundTargets(id: string, listed: ListenerTargets | undefined, health: HealthView): readonly BoundTarget[] {
  if (listed === undefined) throw malformed(`DescribeTargets does not speak of listener ${id}`);
  const missing = listed.unlisted.filter((ruleId) => !health.saysEmpty(id, ruleId));
  if (missing.length > 0) {
    const where = missing[0] === undefined ? '' : ` for rule ${missing.join(', ')}`;
    throw malformed(`DescribeTargets has no list of targets${where} of listener ${id}`);
  }
  return listed.targets;
}

/** The targets of a target group show up in the health answer only. */
function groupTargets(
  id: string,
  isLayer7: boolean,
  listed: ListenerTargets | undefined,
  health: HealthView,
): readonly BoundTarget[] {
  const direct = listed?.targets ?? [];
  const isListed = (address: string, port: number) =>
    direct.some((target) => target.address === address && target.port === port);
  const ofGroup = health
    .targetsOf(id)
    .filter(({ address, port }) => !isListed(address, port))
    .map(({ ruleId, address, port, weight }) => ({
      ruleId: isLayer7 ? ruleId : undefined,
      address,
      port,
      weight: weight ?? DEFAULT_WEIGHT,
    }));
  return [...direct, ...ofGroup];
}
