/**
 * The moments of weight 0 of several pods that are looked at together: they are written at once, with one write of each Service. A
 * write for every pod would rest on the version that the write before has made an old one, and conflict with it.
 */

import { isPassing } from '../../core/errors.ts';
import { podsAt } from '../../core/target/pod.ts';
import type { World } from '../../ports.ts';
import type { Confirmed } from '../weights/confirm-weights.ts';
import { type Remembering, rememberZero } from '../weights/remember-zero.ts';

/** Moments to be kept, and who hears of which pods, by UID, they are kept. */
export interface MomentsToKeep {
  seen: Confirmed;
  ordinals: readonly number[];
  remembering: Required<Remembering>;
  kept: (uids: readonly string[]) => void;
}

export type KeepMoments = (wish: MomentsToKeep) => Promise<void>;

/** Each for itself, at once. */
export const keepAtOnce =
  (world: World): KeepMoments =>
  async ({ seen, ordinals, remembering, kept }) =>
    kept(await rememberZero(world, seen, ordinals, remembering));

export interface JoinedMoments {
  keep: KeepMoments;
  /** Runs the looks of one tick, all at what `seen` has read, and writes what they wish to keep behind them. Outside of it every wish is fulfilled at once. */
  together<T>(looks: () => Promise<T>): Promise<T>;
}

export function joinMoments(world: World): JoinedMoments {
  let wishes: MomentsToKeep[] | undefined;
  const keepNow = keepAtOnce(world);

  /** A moment that cannot be kept now is none: the next look wishes it again. */
  async function keepAll(all: readonly MomentsToKeep[]): Promise<void> {
    for (const group of Map.groupBy(all, ({ seen }) => seen.facts).values()) {
      const [first] = group;
      if (first === undefined) continue;
      const remembering = {
        moments: new Map(group.flatMap((wish) => [...wish.remembering.moments])),
        again: new Set(group.flatMap((wish) => [...wish.remembering.again])),
      };
      const ordinals = group.flatMap((wish) => wish.ordinals);
      const uids = await rememberZero(world, first.seen, ordinals, remembering);
      for (const { kept, ordinals: own, seen } of group) {
        const mine = new Set(podsAt(seen.facts.pods, own).map(({ uid }) => uid));
        kept(uids.filter((uid) => mine.has(uid)));
      }
    }
  }

  return {
    keep: async (wish) => {
      if (wishes === undefined) await keepNow(wish);
      else wishes.push(wish);
    },
    async together(looks) {
      const all: MomentsToKeep[] = [];
      wishes = all;
      const result = await looks().finally(() => {
        wishes = undefined;
      });
      try {
        await keepAll(all);
      } catch (error) {
        if (world.signal.aborted || !isPassing(error)) throw error;
        world.report.trace(2, `the moments of weight 0 were not kept: ${error.message}`);
      }
      return result;
    },
  };
}
