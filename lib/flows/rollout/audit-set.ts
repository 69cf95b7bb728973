/** What check adds for a StatefulSet whose controller replaces the pods by itself. */
import type { CheckFacts, CloudFacts } from '../../core/check/check-facts.ts';
import type { Finding } from '../../core/check/findings.ts';
import { rolloutFindings } from '../../core/rollout/rollout-findings.ts';
import { readWorkload } from '../../core/rollout/workload.ts';
import { selectorText } from '../../core/target/stateful-set-facts.ts';
import { type Known, unknown } from '../../core/values/known.ts';
import type { SourceAnswer } from '../../core/zero/countable.ts';
import { PODS } from '../../ports/resources.ts';
import type { World } from '../../ports.ts';
import { softly } from '../guard/softly.ts';
import { countOpen } from './count-open.ts';
import { readRollout } from './read-rollout.ts';

/** None for OnDelete. Throws only on abort; what cannot be read is unknown. */
export async function rolloutOfSet(
  world: World,
  { set, object, pods }: CheckFacts,
  cloud: Known<CloudFacts>,
  answers: readonly SourceAnswer[],
): Promise<Finding[]> {
  if (set.updateStrategy !== 'RollingUpdate') return [];
  const own = new Set(pods.map(({ uid }) => uid));
  const listed = await softly(world, async () =>
    (await world.kube.list(PODS, { labelSelector: selectorText(object), signal: world.signal })).items.filter(
      ({ metadata }) => own.has(metadata.uid ?? ''),
    ),
  );
  const rollout = await readRollout(world, readWorkload('statefulset', object), listed.known ? listed.value : []);
  const connections = cloud.known
    ? await countOpen(world, cloud.value.bindings, answers)
    : unknown(`the load balancers cannot be read: ${cloud.because}`);
  return rolloutFindings({ ...rollout, connections });
}
