/** How many connections are open now: a look at some of the pods, for people. */
import { countedBackends, type PodBinding } from '../../core/facts/backends.ts';
import type { CheckIntent } from '../../core/intent/intent.ts';
import { graceSecondsOf } from '../../core/lifecycle/pre-stop.ts';
import type { OpenConnections } from '../../core/rollout/rollout-facts.ts';
import { formatDuration } from '../../core/values/duration.ts';
import { type Known, known, unknown } from '../../core/values/known.ts';
import { podPort, type SourceAnswer } from '../../core/zero/countable.ts';
import type { CountedBackend, World } from '../../ports.ts';
import { softly } from '../guard/softly.ts';
import { countNow } from '../zero/count-now.ts';

/** A call or an exec per pod is dear: of more pods than these, some stand for all. */
const MOST_PODS = 20;

/**
 * By the sources that have just proved that they can count. A pod whose number is unknown counts as the mean of the others. Why
 * not, where no source counts any. `watchMs` above 0: looks once more after that time, for the connections that outlast it.
 */
export async function countOpen(
  world: World,
  bindings: readonly PodBinding[],
  answers: readonly SourceAnswer[],
  watchMs: number,
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
  const watched = seen === 0 || watchMs === 0 ? undefined : await watch({ ...world, sources }, backends, watchMs);
  const open = Math.round((seen * pods.length) / counted);
  return known({ open, counted, pods: pods.length, ...(watched === undefined ? {} : { watched }) });
}

/** The earlier reading is the first look. Undefined where no source tells one connection from another. */
async function watch(
  world: World,
  backends: readonly CountedBackend[],
  forMs: number,
): Promise<OpenConnections['watched']> {
  const { clock, report, signal } = world;
  report.progress(`watching ${backends.length} backends for ${formatDuration(forMs)}: which connections outlast that`);
  const beganMs = clock.now();
  await clock.sleep(forMs, signal);
  const reads = await Promise.all(
    world.sources.map((source) => softly(world, () => source.read(backends, beganMs, { signal }))),
  );
  const holders = reads.flatMap((read) => (read.known ? read.value : [])).flatMap((series) => series.holders ?? []);
  const ages = holders.flatMap(({ seenForMs }) => seenForMs ?? []);
  const tellsAges = reads.some((read) => read.known && read.value.some((series) => series.holders !== undefined));
  return tellsAges ? { forMs, stayed: ages.some((ageMs) => ageMs >= forMs) } : undefined;
}

/** As long as a pod may take to end, and a minute at most: what is open then would be cut. */
export const watchOf = (measure: CheckIntent['measure'], template: unknown): number =>
  measure === undefined ? 0 : Math.min(60, graceSecondsOf(template)) * 1000;
