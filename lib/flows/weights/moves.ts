/** The ordinals whose weights a run moves, where a conflict at one Service makes it look again after the write of another went through. */

import type { DoneResult } from '../../core/errors.ts';
import { intersection, union, without } from '../../core/target/ordinals.ts';

export interface Moved {
  /** They have their weight again. */
  back: readonly number[];
  /** They were not at 0 before this run. */
  drained: readonly number[];
}

/** Asked in every round before its write. `earlier`: what the rounds before have written; `zeros`: all that is at 0 afterwards. */
export type Moves = (earlier: readonly DoneResult[], now: Moved, zeros: readonly number[]) => Moved;

/** Of one write with all its rounds: what a round before has moved is in the cluster, and no later look can tell that from what was there. */
export function movesOf(): Moves {
  let tried: Moved = { back: [], drained: [] };
  return (earlier, { back, drained }, zeros) => {
    const before = earlier.length > 0 ? tried : { back: [], drained: [] };
    tried = {
      back: without(union(before.back, back), zeros),
      drained: intersection(union(before.drained, drained), zeros),
    };
    return tried;
  };
}
