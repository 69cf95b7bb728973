/** A canary that is interrupted between two weights: where it stands, and the commands that go on from there or back. */

import { type DoneResult, ExitCode, InterruptedError } from '../../core/errors.ts';
import { formatOrdinals, ordinalsText } from '../../core/target/ordinals.ts';
import { advice, lines, own } from '../../core/values/command.ts';
import { formatDuration } from '../../core/values/duration.ts';
import { toGoOn, way } from '../../core/values/way.ts';

export interface CanaryPlace {
  name: string;
  ordinals: readonly number[];
  /** Weights of this run, rising; `index`: that of the one that the pods have now. */
  steps: readonly number[];
  index: number;
  everyMs: number;
}

/** The command that observes the present weight once more and then raises the rest. */
export const raiseOn = ({ name, ordinals, steps, index, everyMs }: CanaryPlace) => {
  const rest = steps.slice(index);
  const pace = rest.length > 1 ? ['--every', formatDuration(everyMs)] : [];
  return own('restore', name, formatOrdinals(ordinals), '--weight', rest.join(','), ...pace);
};

/** Returns `error` itself unless a person has asked to stop. `results`: what this run has written. */
export function stoppedCanary(
  signal: AbortSignal,
  error: unknown,
  place: CanaryPlace,
  results: readonly DoneResult[],
): unknown {
  const reason: unknown = signal.reason;
  if (!signal.aborted || !(reason instanceof InterruptedError)) return error;
  const { name, ordinals, steps, index } = place;
  const which = formatOrdinals(ordinals);
  const is = ordinals.length === 1 ? 'stays' : 'stay';
  const state = `${ordinalsText(ordinals)} ${is} at weight ${steps[index]} (step ${index + 1} of ${steps.length})`;
  const signalName = reason.exitCode === ExitCode.interrupted ? 'SIGINT' : 'SIGTERM';
  const ways = lines(
    way('look', advice`to see where it stands: ${own('status', name)}`),
    toGoOn(raiseOn(place)),
    way('on', advice`to give all of the weight at once: ${own('restore', name, which)}`),
    way('back', advice`to take the traffic away: ${own('drain', name, which)}`),
  );
  return new InterruptedError(
    signalName,
    `restore was interrupted; completed writes stay, nothing more will be written: ${state}`,
    ways,
    new InterruptedError(signalName, `restore was interrupted; this run has written nothing: ${state}`, ways),
  ).inWhole({ results });
}
