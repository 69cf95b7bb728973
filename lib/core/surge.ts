/** Surge: which replicas were added for the upgrade, and how many there were before. */
import { UsageError } from '../errors.ts';
import { ordinalsOf, type StatefulSetFacts } from './stateful-set.ts';

/** On the StatefulSet: the replica count before the surge. Written in the same patch as the scale. */
export const FORMER_REPLICAS = 'kubectl-zeroloss/former-replicas';

/** The replica count before the surge; undefined: no surge is on. Throws UsageError when somebody damaged the record. */
export function formerReplicas(set: Pick<StatefulSetFacts, 'annotations' | 'name'>): number | undefined {
  const text = set.annotations[FORMER_REPLICAS];
  if (text === undefined) return undefined;
  if (!/^\d{1,6}$/.test(text)) {
    throw new UsageError(
      `statefulset/${set.name}: annotation ${FORMER_REPLICAS} is "${text}", not a number of replicas`,
      `kubectl annotate statefulset ${set.name} --overwrite ${FORMER_REPLICAS}=N   # the replica count before the surge`,
    );
  }
  return Number(text);
}

/** Ordinals that exist only for the upgrade and are scaled away at its end. */
export function surplusOrdinals(set: StatefulSetFacts): number[] {
  const former = formerReplicas(set);
  return former === undefined ? [] : ordinalsOf(set).slice(former);
}
