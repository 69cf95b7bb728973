/** A Deployment's status: counts over its ReplicaSets, whether enough is available, and whether it moves (Kubernetes: syncRolloutStatus). */
import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from '../controller-types.ts';
import { askedOf, fenceposts, shownBy, wantedBy } from './replicas.ts';

type Verdict = Pick<DeploymentCondition, 'type' | 'status' | 'reason' | 'message'>;
type Conditions = readonly DeploymentCondition[];

/** Kubernetes: HasProgressDeadline; a deadline of the largest int32 stands for none. */
const NO_DEADLINE = 2_147_483_647;

export const deadlineMs = ({ spec }: Deployment): number | undefined =>
  spec.progressDeadlineSeconds === undefined || spec.progressDeadlineSeconds === NO_DEADLINE
    ? undefined
    : spec.progressDeadlineSeconds * 1000;

export const conditionOf = (conditions: Conditions, type: string): DeploymentCondition | undefined =>
  conditions.find((condition) => condition.type === type);

/** The list with the verdict in it; one that says the same as before, for the same reason, stays untouched. */
export function withCondition(conditions: Conditions, verdict: Verdict, nowMs: number): Conditions {
  const before = conditionOf(conditions, verdict.type);
  if (before?.status === verdict.status && before.reason === verdict.reason) return conditions;
  const now = timestamp(nowMs);
  const lastTransitionTime = before?.status === verdict.status ? (before.lastTransitionTime ?? now) : now;
  return [...without(conditions, verdict.type), { ...verdict, lastUpdateTime: now, lastTransitionTime }];
}

export const without = (conditions: Conditions, type: string): Conditions =>
  conditions.filter((condition) => condition.type !== type);

/** The counts and the condition Available, over conditions as they are so far. Counts of zero are left out, as Go does. */
export function countStatus(
  deployment: Deployment,
  fresh: ReplicaSet | undefined,
  sets: readonly ReplicaSet[],
  conditions: Conditions,
  nowMs: number,
): DeploymentStatus {
  const available = shownBy(sets, 'availableReplicas');
  const counts = {
    replicas: shownBy(sets, 'replicas'),
    updatedReplicas: fresh === undefined ? 0 : shownBy([fresh], 'replicas'),
    readyReplicas: shownBy(sets, 'readyReplicas'),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, askedOf(sets) - available),
  };
  const enough = available >= wantedBy(deployment) - fenceposts(deployment).maxUnavailable;
  const verdict: Verdict = enough
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };
  const { collisionCount } = deployment.status ?? {};
  return {
    ...(deployment.metadata.generation === undefined ? {} : { observedGeneration: deployment.metadata.generation }),
    ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    conditions: [...withCondition(conditions, verdict, nowMs)],
  };
}

/** Every pod is of the present template and available, and the controller has seen the present spec. */
export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const desired = wantedBy(deployment);
  return (
    (status.updatedReplicas ?? 0) === desired &&
    (status.replicas ?? 0) === desired &&
    (status.availableReplicas ?? 0) === desired &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

/** The counted status with its condition Progressing brought up to date: complete, moving, or past its deadline. */
export function withProgress(
  deployment: Deployment,
  fresh: ReplicaSet | undefined,
  sets: readonly ReplicaSet[],
  counted: DeploymentStatus,
  nowMs: number,
): DeploymentStatus {
  const conditions = counted.conditions ?? [];
  const next = withFailure(progressed(deployment, fresh, counted, conditions, nowMs), sets);
  return { ...counted, conditions: [...next] };
}

function progressed(
  deployment: Deployment,
  fresh: ReplicaSet | undefined,
  counted: DeploymentStatus,
  conditions: Conditions,
  nowMs: number,
): Conditions {
  const deadline = deadlineMs(deployment);
  if (deadline === undefined) return without(conditions, 'Progressing');
  const before = conditionOf(conditions, 'Progressing');
  const wasComplete = (counted.replicas ?? 0) === (counted.updatedReplicas ?? 0) && before?.reason === AVAILABLE;
  if (wasComplete) return conditions;
  const who = fresh === undefined ? `Deployment "${deployment.metadata.name}"` : `ReplicaSet "${fresh.metadata.name}"`;
  const verdict = (status: 'True' | 'False', reason: string, message: string): Verdict => ({
    type: 'Progressing',
    status,
    reason,
    message: `${who} ${message}.`,
  });
  if (isComplete(deployment, counted))
    return withCondition(conditions, verdict('True', AVAILABLE, 'has successfully progressed'), nowMs);
  if (hasMoved(deployment.status ?? {}, counted)) {
    // Taken out first: progress renews the time of the update, which the deadline counts from.
    const moving = verdict('True', 'ReplicaSetUpdated', 'is progressing');
    const [renewed] = withCondition([], moving, nowMs);
    const since = before?.status === 'True' ? before.lastTransitionTime : undefined;
    const condition = { ...renewed, ...moving, ...(since === undefined ? {} : { lastTransitionTime: since }) };
    return [...without(conditions, 'Progressing'), condition];
  }
  return isTimedOut(before, deadline, nowMs)
    ? withCondition(conditions, verdict('False', TIMED_OUT, 'has timed out progressing'), nowMs)
    : conditions;
}

const AVAILABLE = 'NewReplicaSetAvailable';
const TIMED_OUT = 'ProgressDeadlineExceeded';

/** Milliseconds until the deadline has to be looked at again; undefined when nothing is under way. */
export function untilDeadlineMs(deployment: Deployment, status: DeploymentStatus, nowMs: number): number | undefined {
  const deadline = deadlineMs(deployment);
  const condition = conditionOf(status.conditions ?? [], 'Progressing');
  if (deadline === undefined || condition === undefined || isComplete(deployment, status)) return undefined;
  if (condition.reason === AVAILABLE || condition.reason === TIMED_OUT) return undefined;
  // A second late, for times of the API are whole seconds.
  return Math.max(0, Date.parse(condition.lastUpdateTime ?? '') + deadline - nowMs) + 1000;
}

function isTimedOut(condition: DeploymentCondition | undefined, deadline: number, nowMs: number): boolean {
  if (condition === undefined || condition.reason === AVAILABLE) return false;
  return condition.reason === TIMED_OUT || Date.parse(condition.lastUpdateTime ?? '') + deadline < nowMs;
}

function hasMoved(before: DeploymentStatus, now: DeploymentStatus): boolean {
  const old = (status: DeploymentStatus) => (status.replicas ?? 0) - (status.updatedReplicas ?? 0);
  return (
    (now.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(now) < old(before) ||
    (now.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (now.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

/** A Deployment shows the reason why its ReplicaSet makes no pods. */
function withFailure(conditions: Conditions, sets: readonly ReplicaSet[]): Conditions {
  const failure = sets.flatMap((set) => set.status?.conditions ?? []).find(({ type }) => type === 'ReplicaFailure');
  const others = without(conditions, 'ReplicaFailure');
  if (failure === undefined) return others.length === conditions.length ? conditions : others;
  const { status, reason = '', message = '', lastTransitionTime = '' } = failure;
  return [
    ...others,
    { type: 'ReplicaFailure', status, reason, message, lastUpdateTime: lastTransitionTime, lastTransitionTime },
  ];
}

const timestamp = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
