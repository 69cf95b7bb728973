/** Surge: which replicas were added for the upgrade, and how many there were before. */

import { type Refusal, UsageError } from '../errors.ts';
import { readsFormat } from '../values/bookkeeping-format.ts';
import { kubectl } from '../values/command.ts';
import { without } from './ordinals.ts';
import { ordinalsOf, type StatefulSetFacts } from './stateful-set-facts.ts';

/** On the StatefulSet: the replica count before the surge. Written in the same patch as the scale. */
export const FORMER_REPLICAS = 'kubectl-zeroloss/former-replicas';

/** On the StatefulSet: the replica count that the surge scaled to, in the same patch. Replicas beyond it are another writer's. */
export const SURGED_REPLICAS = 'kubectl-zeroloss/surged-replicas';

/** On the StatefulSet: the format number of this annotation and of the former revision, neither of which has room for one. */
export const SET_FORMAT = 'kubectl-zeroloss/format';

type Surged = Pick<StatefulSetFacts, 'annotations' | 'name'>;

/** The replica count before the surge; undefined: no surge is on, or its bookkeeping is of an unknown format. Throws UsageError when it is damaged. */
export const formerReplicas = (set: Surged): number | undefined => countAt(set, FORMER_REPLICAS, 'before the surge');

const surgedReplicas = (set: Surged): number | undefined => countAt(set, SURGED_REPLICAS, 'with the surge');

function countAt(set: Surged, key: string, what: string): number | undefined {
  const text = set.annotations[key];
  if (text === undefined || !readsFormat(set.annotations[SET_FORMAT])) return undefined;
  if (!/^\d{1,6}$/.test(text)) {
    throw new UsageError(
      `statefulset/${set.name}: annotation ${key} is "${text}", not a number of replicas`,
      kubectl('annotate', 'statefulset', set.name, '--overwrite', `${key}=N`).note(`the replica count ${what}`),
    );
  }
  return Number(text);
}

/** Ordinals that exist only for the upgrade and are scaled away at its end. */
export function surplusOrdinals(set: StatefulSetFacts): number[] {
  const former = formerReplicas(set);
  return former === undefined ? [] : ordinalsOf(set).slice(former, surgedReplicas(set));
}

/** Of each StatefulSet that was looked at: every step of a look asks for them. */
const regular = new WeakMap<StatefulSetFacts, readonly number[]>();

/** The ordinals that stay, in ascending order: those of the replicas without a surplus. */
export function regularOrdinals(set: StatefulSetFacts): readonly number[] {
  const known = regular.get(set) ?? without(ordinalsOf(set), surplusOrdinals(set));
  regular.set(set, known);
  return known;
}

/** A second surge must find the replicas that the first one made, or those from before it: any other number is another writer's scaling. */
export function surgeAgainRule(set: StatefulSetFacts): Refusal[] {
  const [former, surged] = [formerReplicas(set), surgedReplicas(set)];
  const beyond = scaleRule(set);
  if (former === undefined || beyond.length > 0 || set.replicas === former || set.replicas === surged) return beyond;
  return [
    {
      rule: 'scale-is-ours',
      message: `statefulset/${set.name} has ${set.replicas} replicas, and the surge had scaled it from ${former} to ${surged ?? 'more'}: it has been scaled down since`,
      cure: kubectl('annotate', 'statefulset', set.name, `${FORMER_REPLICAS}-`, `${SURGED_REPLICAS}-`).note(
        `forgets the surge: ${set.replicas} replicas are the normal count then`,
      ),
    },
  ];
}

/** Scaling away takes the highest ordinals: where another writer has scaled up beyond the surge, those are not the surplus. */
export function scaleRule(set: StatefulSetFacts): Refusal[] {
  const [former, surged] = [formerReplicas(set), surgedReplicas(set)];
  if (former === undefined || surged === undefined || set.replicas <= Math.max(former, surged)) return [];
  return [
    {
      rule: 'scale-is-ours',
      message: `statefulset/${set.name} has ${set.replicas} replicas, and the surge had scaled it from ${former} to ${surged}: it has been scaled since, and it is not known how many should stay`,
      cure: kubectl('annotate', 'statefulset', set.name, '--overwrite', `${FORMER_REPLICAS}=${set.replicas}`).note(
        'all of them stay, none is scaled away',
      ),
    },
  ];
}
