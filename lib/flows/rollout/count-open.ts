/** How many connections are open now: a look at some of the pods, for people. */
import { countedBackends, type PodBinding } from '../../core/facts/backends.ts';
import type { OpenConnections } from '../../core/rollout/rollout-facts.ts';
import { type Known, known, unknown } from '../../core/values/known.ts';
import { podPort, type SourceAnswer } from '../../core/zero/countable.ts';
import type { World } from '../../ports.ts';
import { countNow } from '../zero/count-now.ts';

/** A call or an exec per pod is dear: of more pods than these, some stand for all. */
const MOST_PODS = 20;

/**
 * By the sources that have just proved that they can count. A pod whose number is unknown counts as the mean of the others. Why
 * not, where no source counts any.
 */
export async function countOpen(
  world: World,
  bindings: readonly PodBinding[],
  answers: readonly SourceAnswer[],
): Promise<Known<OpenConnections>> {
  const pods = [...new Set(bindings.filter((each) => each.bindings.length > 0).map(({ pod }) => pod.uid))];
  if (pods.length === 0) return unknown('no load balancer binds a pod that could be counted');
  const proven = answers.filter(({ answer }) => answer.some(({ countable }) => countable)).map(({ name }) => name);
  const why = answers.flatMap(
    ({ answer, name, passing }) => `${name}: ${passing ?? answer[0]?.because ?? 'it counts nothing here'}`,
  );
  if (proven.length === 0) return unknown(`no source can count here (${why.join('; ') || 'none is configured'})`);
  const asked = new Set(pods.slice(0, MOST_PODS));
  const backends = bindings.filter(({ pod }) => asked.has(pod.uid)).flatMap(countedBackends);
  const notes: Parameters<typeof countNow>[2] = [];
  const sources = world.sources.filter(({ name }) => proven.includes(name));
  const counts = await countNow({ ...world, sources }, backends, notes);
  // Two listeners may lead to one port, which a look into the pod counts for both.
  const perPort = new Map<string, { podUid: string; count: number }>();
  for (const backend of backends) {
    const count = counts.of(backend);
    const before = perPort.get(podPort(backend))?.count ?? 0;
    if (count !== undefined) perPort.set(podPort(backend), { podUid: backend.podUid, count: Math.max(before, count) });
  }
  const counted = new Set([...perPort.values()].map(({ podUid }) => podUid)).size;
  if (counted === 0) return unknown(notes.map(String).join('; ') || `no source gave a number (${why.join('; ')})`);
  const seen = [...perPort.values()].reduce((sum, { count }) => sum + count, 0);
  return known({ open: Math.round((seen * pods.length) / counted), counted, pods: pods.length });
}
