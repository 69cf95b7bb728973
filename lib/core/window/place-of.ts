/** Judges where a pod stands in the window, from one look at cluster and load balancer. Pure. */
import { isServing, type PodBinding } from '../facts/backends.ts';
import { isHealthy } from '../safety/floor-check.ts';
import { isOutdated, isStuck, notReadyBecause, notServingBecause, type PodFacts } from '../target/pod.ts';
import type { StatefulSetFacts } from '../target/stateful-set-facts.ts';
import type { Place } from './place.ts';

/** All that one look knows of one ordinal. */
export interface PodSight {
  set: StatefulSetFacts;
  /** Undefined: there is no pod of this ordinal now. */
  pod: PodFacts | undefined;
  /** Of this pod, on every port of every chosen Service that selects it. */
  bindings: readonly PodBinding[];
  /** Weight 0 is asked for on some port. */
  drained: boolean;
  /** The zeros are none of ours: somebody drained the pod by hand, and it stays at 0 once it is updated. */
  byHand: boolean;
  /** A canary weight of ours is asked for. */
  raised: boolean;
  /** Proved to be at zero at this look. */
  atZero: boolean;
  /** It has restarted since this run first saw it updated, or runs another image than the template. By hand, verify judges that. */
  faulty: boolean;
  /** It has served, or had the time to: updated, and not well at the load balancer now, it does not get well by waiting. */
  hasServed: boolean;
  /** For how long the pod is known to serve, in milliseconds. */
  servingForMs: number;
  soakMs: number;
}

export function placeOf(sight: PodSight): Place {
  const { set, pod, drained, raised, atZero } = sight;
  if (pod === undefined || pod.terminating) return 'starting';
  if (isOutdated(pod, set)) {
    if (drained) return atZero ? 'at-zero' : 'draining';
    return notReadyBecause(pod) === undefined && isSending(sight) ? 'serving' : 'failing';
  }
  if (isStuck(pod) || sight.faulty) return 'sick';
  const isReady = notReadyBecause(pod) === undefined;
  if (sight.hasServed && (!isReady || sight.bindings.some(isLost))) return 'sick';
  if (!isReady || !isWell(sight)) return sight.hasServed ? 'returning' : 'starting';
  if (sight.byHand && !raised) return 'done';
  if (drained || raised) return 'ready';
  if (!isSending(sight)) return 'returning';
  return sight.servingForMs >= sight.soakMs ? 'done' : 'soaking';
}

/** Whether a pod that stood at `ready` may still get its weight back: not if it has fallen ill since. Pure. */
export const isStillReady = (
  pod: PodFacts | undefined,
  set: StatefulSetFacts,
  bindings: readonly PodBinding[],
): boolean =>
  pod !== undefined && notServingBecause(pod, set) === undefined && !isStuck(pod) && bindings.every(isHealthy);

/** Every container of the template as the template has it: a webhook on pods may change an image, and verify refuses such a pod. */
export const runsTemplate = (pod: PodFacts, { images }: StatefulSetFacts): boolean =>
  Object.entries(images).every(([container, image]) => pod.images[container] === image);

/** Known to be out of service here. A health that is not known yet says nothing against the pod. */
const isLost = ({ bindings }: PodBinding): boolean =>
  bindings.length === 0 || bindings.some(({ health }) => health === 'dead');

const isWell = ({ bindings }: PodSight): boolean => bindings.every(isHealthy);

/** The load balancer itself shows a weight, and health, for every binding. */
export const isSending = ({ bindings }: Pick<PodSight, 'bindings'>): boolean =>
  bindings.length > 0 && bindings.every(isServing);
