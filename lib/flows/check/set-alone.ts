/** The findings of check about the StatefulSet, its pods and their owners when its Services may not be read. */

import { lifecycleFindings } from '../../core/check/check-lifecycle.ts';
import { ownerFindings } from '../../core/check/check-owners.ts';
import { podFindings } from '../../core/check/check-pods.ts';
import { workloadFindings } from '../../core/check/check-workload.ts';
import { type Finding, warn } from '../../core/check/findings.ts';
import { factsOf } from '../../core/facts/facts.ts';
import type { CheckIntent } from '../../core/intent/intent.ts';
import { readStatefulSet } from '../../core/target/stateful-set-facts.ts';
import { PODS, STATEFUL_SETS } from '../../ports/resources.ts';
import type { World } from '../../ports.ts';
import { softly } from '../guard/softly.ts';
import { readCluster } from './read-cluster.ts';

/** `because`: why the facts as a whole could not be gathered. Throws only on abort; an unreadable part is a WARN. */
export async function setAloneFindings(
  world: World,
  { name, ...intent }: CheckIntent,
  because: string,
): Promise<Finding[]> {
  const { kube, signal } = world;
  const object = await softly(world, () => kube.get(STATEFUL_SETS, name, { signal }));
  if (!object.known)
    return [
      warn('workload', 'not-checked', `statefulset/${name} was not checked: it may not be read: ${object.because}`),
    ];
  const set = readStatefulSet(object.value);
  const skipped = warn('services', 'not-checked', `the Services of statefulset/${name} were not checked: ${because}`);
  const pods = await softly(
    world,
    async () => (await kube.list(PODS, { labelSelector: set.selectorText, signal })).items,
  );
  const facts = factsOf({ set, services: [], pods: pods.known ? pods.value : [] }, { unreadable: 'report' });
  const cluster = await softly(world, () => readCluster(world, facts, { ...intent, name }));
  if (!cluster.known) return [skipped];
  return [
    skipped,
    ...workloadFindings(cluster.value),
    ...lifecycleFindings(cluster.value, []),
    ...(pods.known
      ? podFindings(cluster.value)
      : [warn('pods', 'not-checked', `the pods of statefulset/${name} were not checked: ${pods.because}`)]),
    // Nothing is known of who writes to Services that were not read.
    ...ownerFindings(cluster.value).filter(({ rule }) => rule !== 'weight-owner'),
  ];
}
