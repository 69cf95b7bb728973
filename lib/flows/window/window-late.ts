/** Pods of the window that are on their way, and those that have been for too long. */
import type { Facts } from '../../core/facts/facts.ts';
import { formatDuration, MAX_DURATION_MS } from '../../core/values/duration.ts';
import { failsForLong, type SeenPod } from '../../core/window/place.ts';
import { placeText } from '../../core/window/window-view.ts';
import type { WindowSight } from './window-sights.ts';
import type { WindowState } from './window-state.ts';

/** On its way: waiting alone can bring it further. `undeleted`: pods at zero whose deletion is tried again. */
export const isMoving = (pod: SeenPod, undeleted: ReadonlyMap<number, number>): boolean =>
  pod.place === 'draining' ||
  isReplacement(pod) ||
  pod.place === 'soaking' ||
  (pod.place === 'failing' && !failsForLong(pod)) ||
  (pod.place === 'at-zero' && (undeleted.has(pod.ordinal) || pod.uneven === true));

/** Deleted, and not serving again yet. One for which that lasts too long says that the next one may fail too. */
export const isReplacement = ({ place }: SeenPod): boolean => place === 'starting' || place === 'returning';

const isEndless = (timeoutMs: number): boolean => timeoutMs === 0 || timeoutMs >= MAX_DURATION_MS;

/** Without --timeout: whether the clients of a pod whose turn has come for the second time have not left within --busy-after either. */
const isBusyAgain = (
  { run, deferred }: Pick<WindowState, 'run' | 'deferred'>,
  { place, ordinal, drainedForMs = 0 }: SeenPod,
): boolean =>
  isEndless(run.intent.timeoutMs) &&
  place === 'draining' &&
  deferred.has(ordinal) &&
  drainedForMs >= (run.intent.busyAfterMs ?? Number.POSITIVE_INFINITY);

/**
 * Pods that have stood in one place of their road for longer than --timeout, or that are busy for the second time: each keeps its
 * place, and the others go on. A pause makes no pod late.
 */
export function lateOf(window: WindowState, { seen }: WindowSight, isPaused: boolean): readonly SeenPod[] {
  const { run, since, undeleted } = window;
  const { world, intent } = run;
  const nowMs = world.clock.now();
  const pausedMs = isPaused ? nowMs - window.lookedAtMs : 0;
  window.lookedAtMs = nowMs;
  const keyOf = ({ ordinal, place }: SeenPod): string => `${ordinal} ${place}`;
  const moving = seen.filter((pod) => isMoving(pod, undeleted));
  const now = new Map(moving.map((pod) => [keyOf(pod), (since.get(keyOf(pod)) ?? nowMs - pausedMs) + pausedMs]));
  since.clear();
  for (const [key, atMs] of now) since.set(key, atMs);
  if (isPaused) return [];
  const limitMs = intent.timeoutMs === 0 ? Number.POSITIVE_INFINITY : intent.timeoutMs;
  const isLate = (pod: SeenPod): boolean =>
    pod.place !== 'soaking' && pod.place !== 'failing' && nowMs - (now.get(keyOf(pod)) ?? nowMs) >= limitMs;
  return moving.filter((pod) => isLate(pod) || isBusyAgain(window, pod));
}

/** For the error: which limit, and each pod with its clients. */
export function lateText(
  waiting: Pick<WindowState, 'run' | 'deferred'>,
  { set, byHand }: Pick<Facts, 'set' | 'byHand'>,
  late: readonly SeenPod[],
): string {
  const { busyAfterMs = 0 } = waiting.run.intent;
  // One that was drained by hand had no first time: its weight is not for this run to give back.
  const again = late.some(({ ordinal }) => byHand.includes(ordinal)) ? '' : ' for the second time';
  const limit = late.every((pod) => isBusyAgain(waiting, pod))
    ? `connections did not end within --busy-after ${formatDuration(busyAfterMs)}${again}`
    : 'not within --timeout';
  return `${limit}: ${late.map((pod) => `${set.name}-${pod.ordinal} ${placeText(pod)}`).join('; ')}`;
}

/** Whether the pause has lasted for longer than --timeout: then the run ends, as one by batches does. */
export function isPausedTooLong(window: WindowState, isPaused: boolean): boolean {
  const { world, intent } = window.run;
  const nowMs = world.clock.now();
  window.pausedAtMs = isPaused ? (window.pausedAtMs ?? nowMs) : undefined;
  return intent.timeoutMs > 0 && nowMs - (window.pausedAtMs ?? nowMs) >= intent.timeoutMs;
}
