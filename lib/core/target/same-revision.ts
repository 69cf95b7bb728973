/** Pods that recreate leaves as they are: they run the update revision, and only a new revision makes them outdated. */
import { some } from '../check/findings.ts';
import { type Advice, advice, own } from '../values/command.ts';
import { isOutdated, type PodFacts } from './pod.ts';
import type { StatefulSetFacts } from './stateful-set-facts.ts';
import { surplusOrdinals } from './surplus.ts';

/** One line that says since when they are what they are, and what would make them outdated; undefined: there is none among `ordinals`. */
export function sameRevisionText(
  { set, pods }: { set: StatefulSetFacts; pods: readonly PodFacts[] },
  ordinals: readonly number[],
): Advice | undefined {
  const surplus = surplusOrdinals(set);
  const updated = pods.filter(
    (pod) =>
      ordinals.includes(pod.ordinal) && !surplus.includes(pod.ordinal) && !pod.terminating && !isOutdated(pod, set),
  );
  if (!set.observed || updated.length === 0) return undefined;
  const names = some(updated.map(({ name, createdAt }) => `${name} (made ${createdAt})`));
  return advice`${names} ${updated.length === 1 ? 'runs' : 'run'} the update revision: recreate replaces outdated pods only; to replace every pod with the template as it is: ${own('upgrade', set.name, '--restart')}`;
}
