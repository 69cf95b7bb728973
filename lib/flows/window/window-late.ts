/** Pods of the window that are on their way, and those that have been for too long. */
import { formatDuration, MAX_DURATION_MS } from '../../core/values/duration.ts';
import type { SeenPod } from '../../core/window/place.ts';
import { placeText } from '../../core/window/window-view.ts';
import type { Run } from '../upgrade/run.ts';
import type { WindowSight } from './window-sights.ts';

/** On its way: waiting alone can bring it further. */
export const isMoving = ({ place }: SeenPod): boolean =>
  place === 'draining' || place === 'starting' || place === 'returning' || place === 'soaking';

const isEndless = (timeoutMs: number): boolean => timeoutMs === 0 || timeoutMs >= MAX_DURATION_MS;

/** Without --timeout: whether the clients of a pod whose turn has come for the second time have not left within --busy-after either. */
const isBusyAgain = (
  { run, deferred }: Pick<Waiting, 'run' | 'deferred'>,
  { place, ordinal, drainedForMs = 0 }: SeenPod,
): boolean =>
  isEndless(run.intent.timeoutMs) &&
  place === 'draining' &&
  deferred.has(ordinal) &&
  drainedForMs >= (run.intent.busyAfterMs ?? Number.POSITIVE_INFINITY);

interface Waiting {
  run: Run;
  /** By `ordinal place`: since when the pod stands there. */
  since: Map<string, number>;
  /** Ordinals that got their weight back once, for their clients did not leave. */
  deferred: ReadonlySet<number>;
}

/**
 * Pods that have stood in one place of their road for longer than --timeout, or that are busy for the second time: each keeps its
 * place, and the others go on.
 */
export function lateOf({ run, since, deferred }: Waiting, { seen }: WindowSight): readonly SeenPod[] {
  const { world, intent } = run;
  const nowMs = world.clock.now();
  const keyOf = ({ ordinal, place }: SeenPod): string => `${ordinal} ${place}`;
  const now = new Map(seen.filter(isMoving).map((pod) => [keyOf(pod), since.get(keyOf(pod)) ?? nowMs]));
  since.clear();
  for (const [key, atMs] of now) since.set(key, atMs);
  const limitMs = intent.timeoutMs === 0 ? Number.POSITIVE_INFINITY : intent.timeoutMs;
  const isLate = (pod: SeenPod): boolean =>
    isMoving(pod) && pod.place !== 'soaking' && nowMs - (now.get(keyOf(pod)) ?? nowMs) >= limitMs;
  return seen.filter((pod) => isLate(pod) || isBusyAgain({ run, deferred }, pod));
}

/** For the error: which limit, and each pod with its clients. */
export function lateText(waiting: Pick<Waiting, 'run' | 'deferred'>, name: string, late: readonly SeenPod[]): string {
  const { busyAfterMs = 0 } = waiting.run.intent;
  const limit = late.every((pod) => isBusyAgain(waiting, pod))
    ? `connections did not end within --busy-after ${formatDuration(busyAfterMs)} for the second time`
    : 'not within --timeout';
  return `${limit}: ${late.map((pod) => `${name}-${pod.ordinal} ${placeText(pod)}`).join('; ')}`;
}
