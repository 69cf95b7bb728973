/** How far an upgrade is, shown batch by batch. */

import type { Facts } from '../../core/facts/facts.ts';
import { batchLine } from '../../core/plan/batch-line.ts';
import { leavingNodes } from '../../core/target/leaving-nodes.ts';
import { intersection } from '../../core/target/ordinals.ts';
import { isOutdated } from '../../core/target/pod.ts';
import { regularOrdinals } from '../../core/target/surplus.ts';
import type { World } from '../../ports.ts';

export interface BatchProgress {
  /** A batch that is drained now, or was when this run found it. */
  begins(): void;
  /** This run has drained these ordinals. */
  drained(ordinals: readonly number[]): void;
  /** This run has deleted the pod of this ordinal; no batch ends before it is back. */
  replaced(ordinal: number): void;
  /** Runs a wait for zero, and keeps how long it took. */
  zero<T>(wait: () => Promise<T>): Promise<T>;
  /** The batch has its traffic back and is well. */
  ends(facts: Facts, ordinals: readonly number[]): void;
}

/** `total`: batches of the whole upgrade, as this run found it. */
export function batchProgress(world: World, total: number): BatchProgress {
  const tookMs: number[] = [];
  let ended = 0;
  let beganMs: number | undefined;
  let zeroMs: number | undefined;
  let [drained, recreated]: [Set<number>, Set<number>] = [new Set(), new Set()];
  return {
    begins() {
      beganMs ??= world.clock.now();
    },
    drained(ordinals) {
      for (const ordinal of ordinals) drained.add(ordinal);
    },
    replaced(ordinal) {
      recreated.add(ordinal);
    },
    async zero(wait) {
      const fromMs = world.clock.now();
      const answer = await wait();
      // False: it ended before zero, because the target is no longer what it was.
      if (answer !== false) zeroMs = world.clock.now() - fromMs;
      return answer;
    },
    ends({ set, pods, drainSet }, ordinals) {
      const nowMs = world.clock.now();
      ended += 1;
      // This run did not see one begin that it found drained: how long that took is not known.
      if (beganMs !== undefined) tookMs.push(nowMs - beganMs);
      const regular = regularOrdinals(set);
      const updated = pods.filter((pod) => !isOutdated(pod, set)).map((pod) => pod.ordinal);
      const number = ended;
      world.report.progress(
        batchLine({
          number,
          total: Math.max(total, number),
          ordinals,
          drained: [...drained],
          found: drainSet,
          recreated: [...recreated],
          zeroMs,
          updated: intersection(regular, updated).length,
          word: leavingNodes(set).length === 0 ? 'updated' : 'done',
          all: regular.length,
          tookMs,
        }),
      );
      beganMs = undefined;
      zeroMs = undefined;
      [drained, recreated] = [new Set(), new Set()];
    },
  };
}
