/** One call of a verb: its wish, its flow, and how its end is shown. */
import type { Refusal } from '../lib/core/errors.ts';
import type { TargetIntent } from '../lib/core/intent/intent.ts';
import type { DefaultTexts } from '../lib/core/intent/workload-defaults.ts';
import type { Outcome } from '../lib/core/outcome/outcome.ts';
import type { Advice } from '../lib/core/values/command.ts';
import type { OutcomePrinter } from '../lib/output/results/outcome-printer.ts';
import type { World } from '../lib/ports.ts';
import type { VerbValues } from './flags/target-flags.ts';

/** The state that an interrupted verb leaves behind, and the way on and back. */
export interface Interruption {
  message: string;
  hint?: string | Advice;
}

/** The wish for one of several targets, the world to look at it in, and the refusals that its own defaults bring. Throws what reading the target throws. */
export type CompleteFor<I> = (
  world: World,
  statefulSet: string,
) => Promise<{ world: World; intent: I; defaults: DefaultTexts | undefined; foreseen: readonly Refusal[] }>;

export interface VerbCall<I, D> {
  intent: I;
  flags: VerbValues;
  readsOnly: boolean;
  showsWhere: boolean;
  counts: boolean;
  /** It takes several contexts. */
  several: boolean;
  flow(world: World, intent: I, completeFor: CompleteFor<I>): Promise<Outcome<D>>;
  printer: OutcomePrinter<D>;
  interrupted: Interruption | undefined;
}

/** How long the whole verb may take, in milliseconds, 0 for no limit: what it is asked to observe comes on top of what it may wait, and a canary does both at each of its weights. */
export function limitOf(
  command: string,
  intent: TargetIntent & { forMs?: number; weights?: readonly unknown[]; everyMs?: number },
): number {
  const { timeoutMs, forMs = 0, weights = [0], everyMs = 0 } = intent;
  // An upgrade limits each of its steps by itself.
  return command === 'upgrade' || timeoutMs === 0 ? 0 : (timeoutMs + forMs + everyMs) * weights.length;
}
