/** Pods of the window that are on their way, and those that have been for too long. */
import type { SeenPod } from '../../core/window/place.ts';
import type { Run } from '../upgrade/run.ts';
import type { WindowSight } from './window-sights.ts';

/** On its way: waiting alone can bring it further. */
export const isMoving = ({ place }: SeenPod): boolean =>
  place === 'draining' || place === 'starting' || place === 'returning' || place === 'soaking';

/** Pods that have stood in one place of their road for longer than --timeout: each keeps its place, and the others go on. */
export function lateOf(
  { run, since }: { run: Run; since: Map<string, number> },
  { seen }: WindowSight,
): readonly SeenPod[] {
  const { world, intent } = run;
  const nowMs = world.clock.now();
  const keyOf = ({ ordinal, place }: SeenPod): string => `${ordinal} ${place}`;
  const now = new Map(seen.filter(isMoving).map((pod) => [keyOf(pod), since.get(keyOf(pod)) ?? nowMs]));
  since.clear();
  for (const [key, atMs] of now) since.set(key, atMs);
  if (intent.timeoutMs === 0) return [];
  return seen.filter(
    (pod) => isMoving(pod) && pod.place !== 'soaking' && nowMs - (now.get(keyOf(pod)) ?? nowMs) >= intent.timeoutMs,
  );
}
