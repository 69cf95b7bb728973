/** The findings that check adds for a StatefulSet whose controller replaces the pods by itself. */
import type { CheckFacts, CloudFacts } from '../../core/check/check-facts.ts';
import type { Finding } from '../../core/check/findings.ts';
import type { KubeObject } from '../../core/facts/kube-object.ts';
import type { CheckIntent } from '../../core/intent/intent.ts';
import { lagOfPods, lagOfRecording } from '../../core/lifecycle/measured-lag.ts';
import { lagFinding } from '../../core/rollout/lag-finding.ts';
import { rolloutFindings } from '../../core/rollout/rollout-findings.ts';
import { readWorkload } from '../../core/rollout/workload.ts';
import { selectorText } from '../../core/target/stateful-set-facts.ts';
import { type Known, unknown } from '../../core/values/known.ts';
import { field } from '../../core/values/read.ts';
import type { SourceAnswer } from '../../core/zero/countable.ts';
import { PODS } from '../../ports/resources.ts';
import type { World } from '../../ports.ts';
import { softly } from '../guard/softly.ts';
import { countOpen, watchOf } from './count-open.ts';
import { readRollout } from './read-rollout.ts';

/** `--measure`: how late the load balancer follows, from the recording that was given, or from the pods. Throws only on abort. */
export async function lagOfSet(
  world: World,
  { set, object, pods }: CheckFacts,
  measure: CheckIntent['measure'],
): Promise<Finding[]> {
  if (measure === undefined) return [];
  const listed = await ownPods(world, { object, pods });
  const shown = lagOfPods(listed.known ? listed.value : []);
  const recorded = lagOfRecording(measure?.lines ?? [], set.name);
  const lag = {
    // Pods that are in both would count twice.
    bindingMs: recorded.bindingMs.length > 0 ? recorded.bindingMs : shown.bindingMs,
    weightMs: recorded.weightMs,
  };
  const template = field(object, 'spec', 'template');
  return [lagFinding({ kind: 'statefulset', name: set.name, template, lag })];
}

/** The objects of the pods that the facts are of. */
function ownPods(world: World, { object, pods }: Pick<CheckFacts, 'object' | 'pods'>): Promise<Known<KubeObject[]>> {
  const own = new Set(pods.map(({ uid }) => uid));
  return softly(world, async () =>
    (await world.kube.list(PODS, { labelSelector: selectorText(object), signal: world.signal })).items.filter(
      ({ metadata }) => own.has(metadata.uid ?? ''),
    ),
  );
}

/** None for OnDelete. Throws only on abort; what cannot be read is unknown. */
export async function rolloutOfSet(
  world: World,
  { set, object, pods }: CheckFacts,
  cloud: Known<CloudFacts>,
  { answers, measure }: { answers: readonly SourceAnswer[]; measure: CheckIntent['measure'] },
): Promise<Finding[]> {
  if (set.updateStrategy !== 'RollingUpdate') return [];
  const listed = await ownPods(world, { object, pods });
  const rollout = await readRollout(world, readWorkload('statefulset', object), listed.known ? listed.value : []);
  const connections = cloud.known
    ? await countOpen(world, cloud.value.bindings, answers, watchOf(measure, field(object, 'spec', 'template')))
    : unknown(`the load balancers cannot be read: ${cloud.because}`);
  const bound = cloud.known && cloud.value.bindings.some(({ bindings }) => bindings.length > 0);
  return rolloutFindings({ ...rollout, bound, connections });
}
