/** One look at all pods of the window together: cluster, load balancer, and the sources for those that are drained. */

import type { Facts } from '../../core/facts/facts.ts';
import type { Observation } from '../../core/facts/observation.ts';
import { intersection, without } from '../../core/target/ordinals.ts';
import { isOutdated, type PodFacts } from '../../core/target/pod.ts';
import { ordinalsOf } from '../../core/target/stateful-set-facts.ts';
import { surplusOrdinals } from '../../core/target/surplus.ts';
import { formatDuration } from '../../core/values/duration.ts';
import { parseTime } from '../../core/values/time.ts';
import type { SeenPod } from '../../core/window/place.ts';
import { placeOf } from '../../core/window/place-of.ts';
import type { World } from '../../ports.ts';
import { serverNowMs } from '../guard/server-time.ts';
import { observe } from '../target/observe.ts';
import type { Run } from '../upgrade/run.ts';
import { zeroLookLines } from '../zero/show-zero-look.ts';
import { openZeroWatch, type ZeroLook, type ZeroWatch } from '../zero/zero-watch.ts';

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
  /** The pace of the quickest source. */
  pollMs(): number;
}

/** Remembers each pod's series, since when it is drained, and since when it serves. */
export function createWindowSights({ world, intent, soaked }: Run): WindowSights {
  const watches = new Map<string, { watch: ZeroWatch; drainedAtMs: number }>();
  const served = new Map<string, { sinceMs: number; restarts: number }>();
  let shared: { facts: Facts; observation: Observation } | undefined;
  let isFirst = true;

  function watchOf(pod: PodFacts): { watch: ZeroWatch; drainedAtMs: number } {
    const known = watches.get(pod.uid);
    if (known !== undefined) return known;
    const watch = openZeroWatch(world, intent, [pod.ordinal], async () => shared);
    const opened = { watch, drainedAtMs: world.clock.now() };
    watches.set(pod.uid, opened);
    return opened;
  }

  return {
    async look(facts) {
      const observation = await observe(world, facts);
      const nowMs = world.clock.now();
      const isDrained = (pod: PodFacts) => facts.drainSet.includes(pod.ordinal);
      const waiting = facts.pods.filter((pod) => isDrained(pod) && isOutdated(pod, facts.set) && !pod.terminating);
      for (const uid of watches.keys()) if (!waiting.some((pod) => pod.uid === uid)) watches.delete(uid);
      shared = { facts, observation };
      // One after the other: the sources of one pod must not show in the readings of another.
      const looks = new Map<number, ZeroLook>();
      for (const pod of waiting) looks.set(pod.ordinal, await watchOf(pod).watch.look());
      shared = undefined;
      const regular = without(ordinalsOf(facts.set), surplusOrdinals(facts.set));
      const seen = regular.map((ordinal): SeenPod => {
        const pod = facts.pods.find((each) => each.ordinal === ordinal);
        const look = looks.get(ordinal);
        const serving = pod === undefined ? undefined : servingOf(world, isFirst, served, pod, facts);
        const place = placeOf({
          set: facts.set,
          pod,
          bindings: observation.bindings.filter((binding) => binding.pod.uid === pod?.uid),
          drained: intersection(facts.drainSet, [ordinal]).length > 0,
          raised: facts.canaries.has(ordinal),
          atZero: look?.verdict === 'zero',
          restarted: pod !== undefined && serving !== undefined && pod.restarts > serving.restarts,
          servingForMs: serving === undefined ? 0 : serving.forMs,
          soakMs: pod !== undefined && soaked.has(pod.uid) ? 0 : intent.soakMs,
        });
        const drainedAtMs = pod === undefined ? undefined : watches.get(pod.uid)?.drainedAtMs;
        const note = noteOf(look, ordinal);
        return {
          ordinal,
          place,
          drainedForMs: drainedAtMs === undefined ? 0 : nowMs - drainedAtMs,
          ...(note === undefined ? {} : { note }),
        };
      });
      isFirst = false;
      const byOrdinal = waiting.map((pod) => [pod.ordinal, watchOf(pod).watch] as const);
      return { facts, observation, seen, watches: new Map(byOrdinal), looks };
    },
    pollMs: () => Math.min(2_000, ...[...watches.values()].map(({ watch }) => watch.pollMs())),
  };
}

/** For how long a pod serves: at the first look of a run since it was ready, later since this run first saw it serve. */
function servingOf(
  world: World,
  isFirst: boolean,
  served: Map<string, { sinceMs: number; restarts: number }>,
  pod: PodFacts,
  { set, drainSet }: Facts,
): { forMs: number; restarts: number } | undefined {
  if (isOutdated(pod, set) || drainSet.includes(pod.ordinal)) {
    served.delete(pod.uid);
    return undefined;
  }
  const readyMs = parseTime(pod.readySince);
  const sinceMs = isFirst && Number.isFinite(readyMs) ? readyMs : serverNowMs(world);
  const known = served.get(pod.uid) ?? { sinceMs, restarts: pod.restarts };
  served.set(pod.uid, known);
  return { forMs: serverNowMs(world) - known.sinceMs, restarts: known.restarts };
}

function noteOf(look: ZeroLook | undefined, ordinal: number): string | undefined {
  if (look === undefined) return undefined;
  const filledMs = Math.min(...look.details.rows.map((row) => row.filledMs));
  if (look.verdict === 'zero' && Number.isFinite(filledMs)) return `zero for ${formatDuration(filledMs)}`;
  return zeroLookLines(look, [ordinal])[0];
}
