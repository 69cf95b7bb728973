/**
 * Since when each pod of one wait is at weight 0. Two looks are seconds apart, and a weight may have been given back and
 * taken away between them. No look sees that, but the Service's managedFields, or the bookkeeping beside the annotation, show it.
 * Moments are held in the API server's time: the clock of this machine may be set while a wait lasts.
 */

import type { Facts } from '../../core/facts/facts.ts';
import type { Observation } from '../../core/facts/observation.ts';
import type { ServiceFacts } from '../../core/facts/service-facts.ts';
import { podsAt } from '../../core/target/pod.ts';
import { isNeverBound } from '../../core/zero/never-bound.ts';
import type { World } from '../../ports.ts';
import { serverNowMs } from '../guard/server-time.ts';
import { forgetZero, zeroSeenMs } from '../weights/remember-zero.ts';
import type { KeepMoments } from './joined-moments.ts';

/** Two estimates of the API server's time differ by a second or two. A moment further ahead was kept by a clock that was wrong. */
const AHEAD_MS = 5_000;

export interface ZeroMoments {
  /** Pod UID to the moment of weight 0, by the clock of this machine as it goes now. */
  sinceMs(): ReadonlyMap<string, number>;
  /** Notes the moment of each pod, and keeps it on the Services. True: one of them begins anew, so that what was counted before is worth nothing. */
  settle(facts: Facts, observation: Observation, ordinals: readonly number[]): Promise<boolean>;
  /** Something is in the way of these ordinals: no moment holds any longer, and their kept moments are removed. */
  takeBack(facts: Facts, stuck: readonly number[]): Promise<void>;
  /** No one kept the moment when this pod's weight became 0 elsewhere: its stability window begins now, and the moment is not kept. */
  beginAsFound(uid: string): void;
}

/** `keep` writes moments to the Services; undefined: none may be written. */
export function createZeroMoments(world: World, keep: KeepMoments | undefined): ZeroMoments {
  const since = new Map<string, number>();
  /** Pods, by UID, that had weight in between, or whose kept moment is still to come: what is kept is worth nothing. */
  const tainted = new Set<string>();
  /** Pods, by UID, whose moment must not be kept. */
  const untraced = new Set<string>();
  /** As the look before found it. */
  let writers: string | undefined;
  let noted: ReadonlyMap<string, number> = new Map();
  const aheadMs = (): number => world.kube.clockAheadMs?.() ?? 0;

  function settleOne(uid: string, known: number | undefined, isHandled: boolean): boolean {
    const before = since.get(uid);
    const nowMs = serverNowMs(world);
    if (before === undefined) {
      since.set(uid, Math.min(known ?? Number.POSITIVE_INFINITY, nowMs));
      return false;
    }
    const isLater = known !== undefined && known > before;
    const isGone = known === undefined && noted.has(uid) && !tainted.has(uid) && !untraced.has(uid);
    if (!isHandled && !isLater && !isGone) return false;
    since.set(uid, Math.max(before, known ?? nowMs));
    return true;
  }

  return {
    sinceMs: () => new Map([...since].map(([uid, ms]) => [uid, ms + aheadMs()])),
    async settle(facts, observation, ordinals) {
      const pods = podsAt(facts.pods, ordinals);
      const nowWritten = facts.services.map(({ service }) => writersOf(service)).join('\n');
      const isHandled = writers !== undefined && writers !== nowWritten;
      const nowKept = zeroSeenMs(facts, pods);
      const latestMs = serverNowMs(world) + AHEAD_MS;
      for (const [uid, keptMs] of nowKept) if (keptMs > latestMs) tainted.add(uid);
      let restarts = false;
      for (const pod of pods) {
        const { uid } = pod;
        // Bound later, it begins then.
        if (isNeverBound(observation, pod)) since.delete(uid);
        else {
          const known = tainted.has(uid) || untraced.has(uid) ? undefined : nowKept.get(uid);
          restarts = settleOne(uid, known, isHandled) || restarts;
        }
      }
      writers = nowWritten;
      noted = nowKept;
      const traced = pods.filter(({ uid }) => !untraced.has(uid) && since.has(uid));
      if (keep === undefined) return restarts;
      const places = traced.map((pod) => pod.ordinal);
      await keep({
        seen: { facts, observation },
        ordinals: places,
        remembering: { moments: since, again: tainted },
        kept: (uids) => {
          // From here on the kept moment is the new one, and valid.
          for (const uid of uids) {
            tainted.delete(uid);
            noted = new Map([...noted, [uid, since.get(uid) ?? Number.NaN]]);
          }
        },
      });
      return restarts;
    },
    async takeBack(facts, stuck) {
      for (const pod of podsAt(facts.pods, stuck)) tainted.add(pod.uid);
      since.clear();
      if (keep !== undefined) await forgetZero(world, facts, stuck);
    },
    beginAsFound(uid) {
      untraced.add(uid);
      since.delete(uid);
    },
  };
}

/** Where the server does not say who wrote the annotation, every write to the Service may have been one. */
const writersOf = ({ name, uid, otherWriters, resourceVersion }: ServiceFacts): string =>
  `${name} ${uid} ${otherWriters?.join() ?? resourceVersion}`;
