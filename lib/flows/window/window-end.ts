/** The ends of the window that are not the end of the upgrade: what is wrong, on which pod, and what to do. */

import { DisagreesError, NotYetError, RefusedError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import { bindingsOfPod, type Observation } from '../../core/facts/observation.ts';
import type { WayBack } from '../../core/outcome/way-back.ts';
import { ailments } from '../../core/safety/health-notice.ts';
import { intersection, ordinalsText } from '../../core/target/ordinals.ts';
import { podAt } from '../../core/target/pod.ts';
import { kubectl, lines, own } from '../../core/values/command.ts';
import { way } from '../../core/values/way.ts';
import { givenBack, givenBackError } from '../../core/weights/given-back.ts';
import { takenAway, takenAwayError, weightedPods } from '../../core/weights/taken-away.ts';
import type { WindowActions } from '../../core/window/actions.ts';
import { fullRule } from '../../core/window/full.ts';
import type { SeenPod } from '../../core/window/place.ts';
import type { World } from '../../ports.ts';
import { serverNowMs } from '../guard/server-time.ts';
import { lateText } from './window-late.ts';
import type { WindowSight } from './window-sights.ts';
import type { WindowState } from './window-state.ts';

/**
 * Throws ConflictError where another writer has moved a weight that this run holds: given weight back to a pod that it had drained, or
 * drained an updated one that had its weight. Either is a wish, and the next write would undo it within a second.
 */
export function refuseMoved(window: WindowState, { facts, seen }: WindowSight): void {
  const { taken = new Set(), seenBefore, weighted } = window;
  const own = seen.map(({ ordinal }) => ordinal).filter((each) => taken.has(each));
  const restored = givenBack(seenBefore, facts, own);
  const drained = intersection(
    takenAway(facts, weighted, taken),
    seen.map(({ ordinal }) => ordinal),
  );
  window.seenBefore = facts;
  window.weighted = new Set(weightedPods(facts));
  if (restored.length > 0) throw givenBackError(facts.set.name, ordinalsText(restored));
  if (drained.length > 0) throw takenAwayError(seenBefore, facts, drained);
}

/** Nothing is on its way any more, and not everything is done. */
export function endOf(
  { held, stopped: stop, run, deferred, maxUnavailable }: WindowState,
  { seen, facts, observation }: WindowSight,
  { sick }: WindowActions,
  late: readonly SeenPod[],
  back: WayBack | undefined,
): Error {
  const { name } = facts.set;
  const faults = sick.map((ordinal) => faultOf(run.world, facts, observation, ordinal));
  const stopped = [
    ...(faults.length === 0 ? [] : [`updated and not well: ${faults.join(', ')}`]),
    ...(stop === undefined ? [] : [stop.because]),
  ];
  const error = stop?.error;
  // The pods that did not come to their end are named beside the reason to stop.
  if (error !== undefined && sick.length === 0) {
    if (late.length > 0) error.message = `${error.message}; ${lateText({ run, deferred }, facts, late)}`;
    return error;
  }
  if (stopped.length > 0) {
    const pods = sick.map((ordinal) => `${name}-${ordinal}`);
    return new DisagreesError(
      `${stopped.join('; ')}; no further pod of statefulset/${name} was begun`,
      lines(
        ...(pods.length === 0 ? [] : [kubectl('describe', 'pod', ...pods).note('shows why; so may kubectl logs')]),
        ...(back === undefined ? [] : [back.command.note('the way back')]),
      ),
    );
  }
  if (late.length > 0) {
    const reasons = [lateText({ run, deferred }, facts, late), ...(held === undefined ? [] : [held.message])];
    return new NotYetError(reasons.join('; '), way('on', 'the same command goes on from here'));
  }
  if (held !== undefined) return held;
  const full = fullRule(name, seen, maxUnavailable);
  if (full.length > 0) return new RefusedError(full);
  const left = seen.filter(({ place }) => place !== 'done').map(({ ordinal }) => ordinal);
  return new NotYetError(`${ordinalsText(left)} of statefulset/${name}: nothing can be begun now`, own('status', name));
}

/** As verify says it. */
function faultOf(world: World, facts: Facts, observation: Observation, ordinal: number): string {
  const { set, pods } = facts;
  const pod = podAt(pods, ordinal);
  const name = `pod/${set.name}-${ordinal}`;
  const found = ailments({
    ...{ set, pod, name, nowMs: serverNowMs(world), underTraffic: false },
    bindings: pod === undefined ? [] : bindingsOfPod(observation, pod),
    restartsBefore: undefined,
    uidBefore: undefined,
  });
  return found.length > 0 ? found.join(', ') : `${name} restarted while it was observed (${pod?.state ?? 'gone'})`;
}
