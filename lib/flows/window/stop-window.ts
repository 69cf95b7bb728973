/** Ends the window in good order: nothing new is begun, and the pods that are out come to their end before the run does. */

import { NotStartedError, ZerolossError } from '../../core/errors.ts';
import type { Place } from '../../core/window/place.ts';
import { isMoving } from './window-late.ts';
import type { WindowSight } from './window-sights.ts';
import type { Stop, WindowState } from './window-state.ts';

/** Places of pods that this run goes on to write about, once it begins nothing more. */
const OUT: readonly Place[] = ['draining', 'at-zero', 'starting', 'ready'];

/** The first reason stays. */
export function stop(window: WindowState, { seen }: WindowSight, because: string, error?: Stop['error']): void {
  if (window.stopped !== undefined) return;
  window.stopped = { because, error };
  if (error === undefined || seen.some((pod) => pod.place === 'ready' || isMoving(pod, window.undeleted)))
    window.run.world.report.warn(
      `${because}; no further pod is drained; the pods that are out come to their end first`,
    );
}

/** For an error of ours at something new: a refusal, a no, a change by another writer. Throws every other error, and any once the run is to stop at once. */
export function stopFor(window: WindowState, sight: WindowSight, error: unknown): void {
  const { world, intent, results } = window.run;
  if (world.signal.aborted || !(error instanceof ZerolossError)) throw error;
  // Pods that are out are deleted after the no: it is not one before the first write.
  const isOut = results.length > 0 || sight.seen.some(({ place }) => OUT.includes(place));
  const named = error instanceof NotStartedError && isOut ? error.afterWrites(intent.name) : error;
  stop(window, sight, named.message, named);
}
