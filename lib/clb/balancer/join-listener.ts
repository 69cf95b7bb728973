/** Settings, weights and health of one listener, from three answers that must not contradict each other. */
import type { CloudError } from '../../core/errors.ts';
import type { BackendState, ListenerState } from '../../ports.ts';
import { malformed } from '../calls/cloud-answer.ts';
import { type HealthView, healthOf } from './parse-health.ts';
import { isGroup, type ListenerSettings } from './parse-listener.ts';
import type { BoundTarget, ListenerTargets } from './parse-targets.ts';

/** The cloud's default weight, for a target of a target group whose weight is not shown: anything but 0 is the safe reading. */
const DEFAULT_WEIGHT = 10;

/**
 * Throws CloudError when the listener is not spoken of, or when a list of targets is missing and the health answer does not say
 * that there are none: "no list" must not read as "not bound".
 */
export function joinListener(
  settings: ListenerSettings,
  listed: ListenerTargets | undefined,
  health: HealthView,
): ListenerState {
  const { state, rules } = settings;
  health.mustFit(state);
  const targets = isGroup(state.targetType)
    ? groupTargets(settings, listed, health)
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
  if (missing.length > 0) throw noList('DescribeTargets', id, missing);
  return listed.targets;
}

/** The targets of a target group show up in the health answer only; beside them a rule may have some of its own. */
function groupTargets(
  { state: { id }, rules }: ListenerSettings,
  listed: ListenerTargets | undefined,
  health: HealthView,
): readonly BoundTarget[] {
  const places = rules ?? [{ id: undefined, ofGroup: true }];
  const missing = places
    .filter((place) => place.ofGroup || listed === undefined || listed.unlisted.includes(place.id))
    .filter((place) => !health.lists(id, place.id));
  if (missing.length > 0)
    throw noList(
      'DescribeTargetHealth',
      id,
      missing.map((place) => place.id),
    );
  const direct = listed?.targets ?? [];
  const known = new Set(direct.map(placeOf));
  const ofGroup = health
    .targetsOf(id)
    .map(({ ruleId, address, port, weight }) => ({
      // On layer 4 the health answer has a rule too, which means nothing.
      ruleId: rules === undefined ? undefined : ruleId,
      address,
      port,
      weight: weight ?? DEFAULT_WEIGHT,
    }))
    // One pod may be bound by one rule itself and stand in the group of another, at another weight.
    .filter((target) => !known.has(placeOf(target)));
  return [...direct, ...ofGroup];
}

const placeOf = ({ ruleId, address, port }: BoundTarget): string => `${ruleId ?? ''} ${address} ${port}`;

function noList(action: string, id: string, ruleIds: readonly (string | undefined)[]): CloudError {
  const where = ruleIds[0] === undefined ? '' : ` for rule ${ruleIds.join(', ')}`;
  return malformed(`${action} has no list of targets${where} of listener ${id}`);
}
