/** Ends the window in good order: nothing new is begun, and the pods that are out come to their end before the run does. */

import { NotStartedError, NotYetError, ZerolossError } from '../../core/errors.ts';
import { isMoving } from './window-late.ts';
import type { WindowSight } from './window-sights.ts';
import type { Stop, WindowState } from './window-state.ts';

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
  const isUntrue = error instanceof NotStartedError && results.length > 0;
  const named = isUntrue
    ? new NotYetError(`no further pod of statefulset/${intent.name} is drained (answered no)`, error.advice)
    : error;
  stop(window, sight, named.message, named);
}
