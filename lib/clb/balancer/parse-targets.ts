import {
  type AnswerObject,
  malformed,
  mustRepeat,
  optionalObjects,
  optionalText,
  optionalTexts,
  requiredNumber,
  requiredObjects,
  requiredText,
} from '../calls/cloud-answer.ts';
import { canonicalAddress } from './address.ts';
import type { ListenerSettings } from './parse-listener.ts';

/** One address:port bound on a listener or on one of its rules, with the weight it has there. */
export interface BoundTarget {
  ruleId: string | undefined;
  address: string;
  port: number;
  weight: number;
}

/** The backends of one listener. */
export interface ListenerTargets {
  targets: readonly BoundTarget[];
  /** Rules (undefined: the layer-4 listener itself) for which the cloud sent no list, which is not yet proof that there is nothing. */
  unlisted: readonly (string | undefined)[];
}

/** DescribeTargets (CLB API 2018-03-17), by listener id; listeners the answer does not speak of are absent. */
export function parseTargets(
  answer: AnswerObject,
  settings: readonly ListenerSettings[],
  balancerId: string,
): ReadonlyMap<string, ListenerTargets> {
  const byId = new Map(settings.map((each) => [each.state.id, each]));
  const parsed = new Map<string, ListenerTargets>();
  for (const listener of requiredObjects(answer, 'Listeners', `DescribeTargets of ${balancerId}`)) {
    const id = requiredText(listener, 'ListenerId', 'a listener of DescribeTargets');
    const known = byId.get(id);
    if (known === undefined) continue;
    mustRepeat(listener, 'Protocol', known.state.protocol, `DescribeTargets of listener ${id}`);
    mustRepeat(listener, 'Port', known.state.port, `DescribeTargets of listener ${id}`);
    parsed.set(id, known.rules === undefined ? layer4Targets(listener, id) : layer7Targets(listener, known, id));
  }
  return parsed;
}

function layer4Targets(listener: AnswerObject, id: string): ListenerTargets {
  return gather([{ ruleId: undefined, holder: listener, of: `listener ${id}` }]);
}

/** Every rule that the listener has must be spoken of. */
function layer7Targets(listener: AnswerObject, settings: ListenerSettings, id: string): ListenerTargets {
  const rules = (optionalObjects(listener, 'Rules') ?? []).map((rule) => {
    const ruleId = requiredText(rule, 'LocationId', `a rule of listener ${id}`);
    return { ruleId, holder: rule, of: `rule ${ruleId} of listener ${id}` };
  });
  const missing = (settings.rules ?? []).filter((rule) => !rules.some(({ ruleId }) => ruleId === rule.id));
  if (missing.length > 0) {
    const ids = missing.map((rule) => rule.id).join(', ');
    throw malformed(`DescribeTargets does not speak of rule ${ids} of listener ${id}`);
  }
  return gather(rules);
}

function gather(places: readonly { ruleId: string | undefined; holder: AnswerObject; of: string }[]): ListenerTargets {
  const lists = places.map((place) => ({ ...place, list: optionalObjects(place.holder, 'Targets') }));
  return {
    targets: lists.flatMap(({ ruleId, list, of }) => (list ?? []).flatMap((target) => parseTarget(target, ruleId, of))),
    unlisted: lists.filter(({ list }) => list === undefined).map(({ ruleId }) => ruleId),
  };
}

/** One entry per private address; a cloud function has none and can be no pod. Throws CloudError when address, port or weight is missing. */
function parseTarget(target: AnswerObject, ruleId: string | undefined, of: string): BoundTarget[] {
  const addresses = optionalTexts(target, 'PrivateIpAddresses') ?? [];
  if (addresses.length === 0) {
    if (optionalText(target, 'Type')?.toUpperCase() === 'SRV') return [];
    throw malformed(`a target of ${of} has no PrivateIpAddresses`);
  }
  const port = requiredNumber(target, 'Port', `a target of ${of}`);
  const weight = requiredNumber(target, 'Weight', `target ${addresses[0]}:${port} of ${of}`);
  return addresses.map((address) => ({ ruleId, address: canonicalAddress(address), port, weight }));
}
