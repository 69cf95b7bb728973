/** Looks at several targets, a few at once; one that fails does not hide the others. */
import { ExitCode, type Refusal, ZerolossError } from '../../core/errors.ts';
import type { DefaultTexts } from '../../core/intent/workload-defaults.ts';
import type { World } from '../../ports.ts';
import { withinLimit } from '../guard/time-limit.ts';
import type { FoundTarget } from './find-targets.ts';

/** The wish for one of several, with what the target brings itself. `foreseen`: the refusals of its own defaults. Throws what reading it throws. */
export type Completing<I> = (
  world: World,
  statefulSet: string,
) => Promise<{ world: World; intent: I; defaults?: DefaultTexts | undefined; foreseen?: readonly Refusal[] }>;

/** Each look asks the API server and the cloud for everything, and the cloud counts requests per second. */
const AT_ONCE = 4;

/** In the order of `targets`, each within `limitMs` (0: no limit). Rejects on abort, and for an error that this program does not know. */
export async function eachTarget<T>(
  { signal }: World,
  targets: readonly FoundTarget[],
  limitMs: number,
  look: (target: FoundTarget) => Promise<T>,
  failed: (target: FoundTarget, error: ZerolossError) => T,
): Promise<T[]> {
  const results: T[] = [];
  const waiting = [...targets.entries()];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [place, target] = next;
      signal.throwIfAborted();
      try {
        results[place] = await withinLimit(target.world, limitMs, (world) => look({ ...target, world }));
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof ZerolossError)) throw error;
        results[place] = failed(target, error);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return results;
}

/** The worst first: a look that could not be made is worse than one that found something. */
const WORST_FIRST: readonly ExitCode[] = [
  ExitCode.error,
  ExitCode.usage,
  ExitCode.disagrees,
  ExitCode.conflict,
  ExitCode.notYet,
  ExitCode.refused,
  ExitCode.nothingLeft,
];

export const worstOf = (codes: readonly number[]): ExitCode =>
  WORST_FIRST.find((code) => codes.includes(code)) ?? ExitCode.done;
