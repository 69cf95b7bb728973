/** One look at all pods of the window together: cluster, load balancer, and the sources for those that are drained. */

import type { Facts } from '../../core/facts/facts.ts';
import { bindingsOfPod, type Observation } from '../../core/facts/observation.ts';
import { isOutdated, type PodFacts } from '../../core/target/pod.ts';
import { regularOrdinals } from '../../core/target/surplus.ts';
import { formatDuration } from '../../core/values/duration.ts';
import { unevenOf } from '../../core/weights/given-back.ts';
import { FAILING_MS, type Place, type SeenPod } from '../../core/window/place.ts';
import { placeOf, runsTemplate } from '../../core/window/place-of.ts';
import { serverNowMs } from '../guard/server-time.ts';
import { observe } from '../target/observe.ts';
import type { Run } from '../upgrade/run.ts';
import { zeroSeenMs } from '../weights/remember-zero.ts';
import { joinMoments } from '../zero/joined-moments.ts';
import { zeroLookLines } from '../zero/show-zero-look.ts';
import { openZeroWatch, type ZeroLook, type ZeroWatch } from '../zero/zero-watch.ts';
import { joinReads } from './joined-reads.ts';
import { createServingTimes, type ServingTime } from './serving-times.ts';

/** While a pod comes back; no slower than the pod source counts, so that its readings set the pace where there are any. */
const STARTING_MS = 3_000;
/** While pods are only observed, and no soak ends sooner. */
const QUIET_MS = 10_000;
/** While nothing comes back and nothing soaks: the health of all others is asked for this often. */
const HEALTH_MS = 10_000;
const STARTING: ReadonlySet<Place> = new Set(['starting', 'ready', 'returning']);
const RESTS_ON_HEALTH: ReadonlySet<Place> = new Set(['soaking', 'failing', 'sick']);
const NOT_SERVING: ServingTime = { servingForMs: 0, restarted: false, hasServed: false };

export interface WindowSight {
  facts: Facts;
  observation: Observation;
  seen: readonly SeenPod[];
  /** By ordinal, for those that are drained. */
  watches: ReadonlyMap<number, ZeroWatch>;
  looks: ReadonlyMap<number, ZeroLook>;
}

export interface WindowSights {
  look(facts: Facts): Promise<WindowSight>;
  /** A look that failed is no look: the readings of this moment are missing from the series of every pod. */
  miss(): void;
  /** How long to sleep until the next look: the pace of the quickest source, or of what the last look waits for. */
  pollMs(): number;
}

/** Remembers each pod's series, since when it is drained, and since when it serves. */
export function createWindowSights({ world, intent, soaked }: Run): WindowSights {
  const watches = new Map<string, { watch: ZeroWatch; drainedAtMs: number }>();
  const times = createServingTimes();
  const standing = new Map<number, { place: Place; sinceMs: number }>();
  const reads = joinReads(world.sources, world.clock, world.signal);
  const moments = joinMoments(world);
  let shared: { facts: Facts; observation: Observation } | undefined;
  let restMs = STARTING_MS;
  let last: Observation | undefined;
  let healthAtMs = Number.NEGATIVE_INFINITY;
  let restsOnHealth = true;

  /** An earlier run may have drained the pod: its moment stands on the Services, in the API server's time. */
  function drainedAtMs(facts: Facts, pod: PodFacts): number {
    const keptMs = zeroSeenMs(facts, [pod]).get(pod.uid);
    const nowMs = world.clock.now();
    return keptMs === undefined ? nowMs : Math.min(nowMs, keptMs + (world.kube.clockAheadMs?.() ?? 0));
  }

  function watchOf(facts: Facts, pod: PodFacts): { watch: ZeroWatch; drainedAtMs: number } {
    const known = watches.get(pod.uid);
    if (known !== undefined) return known;
    const watch = openZeroWatch({ ...world, sources: reads.sources }, intent, [pod.ordinal], {
      seen: async () => shared,
      keep: moments.keep,
    });
    const opened = { watch, drainedAtMs: drainedAtMs(facts, pod) };
    watches.set(pod.uid, opened);
    return opened;
  }

  /** A backend that was bound again since the last look at the health has none that is known: it is asked for at once. */
  async function observeAll(facts: Facts, asks: boolean): Promise<{ observation: Observation; hasAsked: boolean }> {
    const observation = await observe(world, facts, { health: asks, before: last });
    if (asks || last === undefined || !hasUnknown(observation) || hasUnknown(last))
      return { observation, hasAsked: asks };
    return { observation: await observe(world, facts), hasAsked: true };
  }

  return {
    async look(facts) {
      const nowMs = world.clock.now();
      const isDrained = (pod: PodFacts) => facts.drainSet.includes(pod.ordinal);
      const waiting = facts.pods.filter((pod) => isDrained(pod) && isOutdated(pod, facts.set) && !pod.terminating);
      // A source that has yet to be chosen proves itself on healthy siblings.
      const isNew = waiting.some((pod) => !watches.has(pod.uid));
      const asksHealth = isNew || restsOnHealth || !(nowMs - healthAtMs < HEALTH_MS && nowMs >= healthAtMs);
      const { observation, hasAsked } = await observeAll(facts, asksHealth);
      last = observation;
      if (hasAsked) healthAtMs = nowMs;
      for (const uid of watches.keys()) if (!waiting.some((pod) => pod.uid === uid)) watches.delete(uid);
      reads.keepOnly(new Set(waiting.map(({ uid }) => uid)));
      shared = { facts, observation };
      const lookAtAll = async () => {
        // One after the other: the first one reads each source for all of them.
        const each: [number, ZeroLook][] = [];
        for (const pod of waiting) each.push([pod.ordinal, await watchOf(facts, pod).watch.look()]);
        return new Map(each);
      };
      const looks = await reads.together(() => moments.together(lookAtAll));
      shared = undefined;
      const regular = regularOrdinals(facts.set);
      // Joined by key, not pair by pair: a look at a thousand pods would make a million comparisons.
      const pods = new Map(facts.pods.map((pod) => [pod.ordinal, pod]));
      const drained = new Set(facts.drainSet);
      const uneven = new Set(unevenOf(facts, facts.drainSet));
      const serverMs = serverNowMs(world);
      times.looks(serverMs);
      const seen = regular.map((ordinal): SeenPod => {
        const pod = pods.get(ordinal);
        const look = looks.get(ordinal);
        const bindings = pod === undefined ? [] : bindingsOfPod(observation, pod);
        const raised = facts.canaries.has(ordinal);
        const hasWeight = pod !== undefined && !drained.has(ordinal) && !raised && !isOutdated(pod, facts.set);
        if (pod !== undefined && !hasWeight) times.forget(pod.uid);
        const serving = hasWeight ? times.of(pod, bindings, serverMs) : NOT_SERVING;
        const place = placeOf({
          set: facts.set,
          pod,
          bindings,
          drained: drained.has(ordinal),
          byHand: facts.byHand.includes(ordinal),
          raised,
          atZero: look?.verdict === 'zero',
          faulty:
            serving.restarted || (pod !== undefined && !isOutdated(pod, facts.set) && !runsTemplate(pod, facts.set)),
          hasServed: serving.hasServed,
          servingForMs: serving.servingForMs,
          soakMs: pod !== undefined && soaked.has(pod.uid) ? 0 : intent.soakMs,
        });
        const sinceMs = pod === undefined ? undefined : watches.get(pod.uid)?.drainedAtMs;
        const note = noteOf(look, ordinal);
        if (standing.get(ordinal)?.place !== place) standing.set(ordinal, { place, sinceMs: nowMs });
        return {
          ordinal,
          place,
          drainedForMs: sinceMs === undefined ? 0 : Math.max(0, nowMs - sinceMs),
          forMs: nowMs - (standing.get(ordinal)?.sinceMs ?? nowMs),
          ...(uneven.has(ordinal) ? { uneven: true } : {}),
          ...(note === undefined ? {} : { note }),
          ...(place === 'done' && drained.has(ordinal) ? { keptAtZero: true, note: 'at weight 0 by hand' } : {}),
          ...(look === undefined ? {} : countsOf(look)),
          ...(place === 'soaking' ? { soak: { servedMs: serving.servingForMs, neededMs: intent.soakMs } } : {}),
          ...(pod === undefined || pod.ready ? {} : { state: pod.state, down: true }),
        };
      });
      restsOnHealth = seen.some(({ place }) => STARTING.has(place) || RESTS_ON_HEALTH.has(place));
      const soaks = seen.flatMap(({ soak }) => (soak === undefined ? [] : [soak.neededMs - soak.servedMs]));
      restMs = Math.min(seen.some(comesBack) ? STARTING_MS : QUIET_MS, ...soaks);
      const byOrdinal = waiting.map((pod) => [pod.ordinal, watchOf(facts, pod).watch] as const);
      return { facts, observation, seen, watches: new Map(byOrdinal), looks };
    },
    miss() {
      shared = undefined;
      for (const { watch } of watches.values()) watch.miss();
    },
    pollMs: () => Math.min(restMs, ...[...watches.values()].map(({ watch }) => watch.pollMs())),
  };
}

/** A pod that fails of its own may do so for hours; one that has its weight again does so for a moment. */
const comesBack = ({ place, forMs = 0 }: SeenPod): boolean =>
  STARTING.has(place) || (place === 'failing' && forMs < FAILING_MS);

/** Whether the load balancer shows a backend whose health is not known. */
const hasUnknown = ({ bindings }: Observation): boolean =>
  bindings.some((binding) => binding.bindings.some(({ health }) => health === 'unknown'));

function noteOf(look: ZeroLook | undefined, ordinal: number): string | undefined {
  if (look === undefined) return undefined;
  const filledMs = Math.min(...look.details.rows.map((row) => row.filledMs));
  if (look.verdict === 'zero' && Number.isFinite(filledMs)) return `zero for ${formatDuration(filledMs)}`;
  return zeroLookLines(look, [ordinal])[0];
}

/** The counts of a look in two numbers: the most that a source counts on all ports together, and how full the emptiest window is. */
function countsOf({ verdict, details: { rows } }: ZeroLook): Pick<SeenPod, 'busy' | 'connections' | 'zeroFor'> {
  const bySource = [...Map.groupBy(rows, ({ source }) => source).values()];
  const sums = bySource.flatMap((of) => {
    const counted = of.flatMap(({ connections }) => connections ?? []);
    return counted.length === 0 ? [] : [counted.reduce((sum, each) => sum + each, 0)];
  });
  const [slowest] = [...rows].sort((a, b) => b.neededMs - b.filledMs - (a.neededMs - a.filledMs));
  return {
    busy: verdict === 'busy' && sums.some((sum) => sum > 0),
    ...(sums.length === 0 ? {} : { connections: Math.max(...sums) }),
    ...(slowest === undefined ? {} : { zeroFor: { filledMs: slowest.filledMs, neededMs: slowest.neededMs } }),
  };
}
