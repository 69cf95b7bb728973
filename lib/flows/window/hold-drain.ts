/** A drain that a rule refuses for now: other pods are on their way, and the next look judges it anew. */

import { RefusedError } from '../../core/errors.ts';
import type { WindowState } from './window-state.ts';

/** Rules that say "not now": they hold a drain back while other pods are on their way, and end the run once none is. */
const NOT_NOW = new Set(['floor', 'some-weight', 'some-healthy', 'balancer-known', 'paused']);
/** Of these, the rules that hold again by waiting alone. */
const PASSES = new Set(['some-healthy', 'balancer-known', 'paused']);

export const isNotNow = (error: unknown): error is RefusedError =>
  error instanceof RefusedError && error.refusals.every(({ rule }) => NOT_NOW.has(rule));

/** `level`: pods that are to be drained on more Services or ports. Waiting alone brings none of them to zero. */
export function holdDrain(window: WindowState, refused: RefusedError, level: readonly number[]): void {
  window.held = refused;
  if (!refused.refusals.some(({ rule }) => PASSES.has(rule))) window.stuck = new Set(level);
}
