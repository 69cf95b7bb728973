/** The deletions of one look: each pod with a proof of its own, and none that makes the others wait. */

import { isPassing, NotYetError, RefusedError } from '../../core/errors.ts';
import { podAt } from '../../core/target/pod.ts';
import { prepareDeletion } from '../batch/delete-at-zero.ts';
import { keep } from '../upgrade/run.ts';
import { stopFor } from './stop-window.ts';
import type { WindowSight } from './window-sights.ts';
import type { WindowState } from './window-state.ts';

/** Returns whether any was deleted. One that has to wait stays as it is, and the next look judges it anew. */
export async function deleteAtZero(window: WindowState, sight: WindowSight, due: readonly number[]): Promise<boolean> {
  const { run } = window;
  const { facts, watches } = sight;
  const { world, intent } = run;
  let isAny = false;
  for (const ordinal of window.undeleted.keys()) if (!due.includes(ordinal)) window.undeleted.delete(ordinal);
  // One after the other: the proof of each is a moment old when it goes.
  for (const ordinal of due) {
    const pod = podAt(facts.pods, ordinal);
    const gate = watches.get(ordinal);
    if (pod === undefined || gate === undefined || window.undeletable.has(pod.uid)) continue;
    if (world.clock.now() < (window.undeleted.get(ordinal) ?? 0)) continue;
    try {
      // One look, or one try under a budget: a wait here would keep all other pods waiting too.
      const deadlineMs = world.clock.now();
      const deletion = await prepareDeletion(world, { ...intent, force: false }, facts, {
        doomed: [pod],
        gate,
        deadlineMs,
      });
      await deletion(() =>
        keep(run, {
          results: [{ object: `pod/${pod.name}`, action: 'deleted', changed: true, note: `uid ${pod.uid}, at zero` }],
        }),
      );
      window.undeleted.delete(ordinal);
      isAny = true;
    } catch (error) {
      if (!world.signal.aborted && isForLater(error)) window.undeleted.set(ordinal, world.clock.now() + AGAIN_MS);
      else {
        stopFor(window, sight, error);
        // A rule of ours is judged anew, before anything is sent. The API server would refuse the same again, after one more Event.
        if (!(error instanceof RefusedError)) window.undeletable.add(pod.uid);
      }
    }
  }
  return isAny;
}

/** Between two tries to delete one pod: each may write an Event. */
const AGAIN_MS = 10_000;
const RETURNING = new Set(['at-zero', 'no-inside-client', 'paused']);

/** A client came back, a colleague paused, a source or a server did not answer, or a budget forbids the eviction. */
const isForLater = (error: unknown): boolean =>
  error instanceof NotYetError ||
  isPassing(error) ||
  (error instanceof RefusedError && error.refusals.every(({ rule }) => RETURNING.has(rule)));
