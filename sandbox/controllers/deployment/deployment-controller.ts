/**
 * The Deployment controller of the rehearsal cluster (a real control plane brings its own): RollingUpdate and Recreate,
 * pause and resume, scaling in the middle of a rollout, revisions to go back to, and the progress deadline.
 */
import { DEPLOYMENTS, PODS, REPLICA_SETS } from '../../../lib/ports/resources.ts';
import type { Kube } from '../../../lib/ports.ts';
import { keyOf, splitKey } from '../../common/informer.ts';
import type { Running } from '../../common/running.ts';
import { claim, isOrphanOf } from '../claim.ts';
import { isFinished } from '../controlled-pod.ts';
import { controllerOf } from '../controller-ref.ts';
import type { ControllerOptions, Deployment, DeploymentCondition, Pod, ReplicaSet } from '../controller-types.ts';
import { eventRecorder, type Recorder } from '../recorder.ts';
import { type Controller, startController, type Workbench } from '../start-controller.ts';
import { tolerate } from '../tolerate.ts';
import { applyResizes, applyStatus, createNew } from './deployment-apply.ts';
import {
  conditionOf,
  countStatus,
  deadlineMs,
  isComplete,
  untilDeadlineMs,
  withCondition,
  withProgress,
} from './deployment-status.ts';
import { findNew, planCleanup, REVISION, renewal } from './new-replica-set.ts';
import { isActive, isRolling, shownBy, wantedBy } from './replicas.ts';
import { planRolling } from './rolling-plan.ts';
import { isScaling, planScale } from './scale-plan.ts';

type Watched = 'deployments' | 'sets' | 'pods';

/** One look at a Deployment: what was found, and what the conditions have become on the way. */
interface Look {
  kube: Kube;
  record: Recorder;
  nowMs: number;
  deployment: Deployment;
  sets: readonly ReplicaSet[];
  /** Pods that are not finished, by the ReplicaSet that controls them. */
  podsOf(uid: string | undefined): readonly Pod[];
  conditions: readonly DeploymentCondition[];
  collided: boolean;
}

interface Sets {
  fresh: ReplicaSet | undefined;
  old: readonly ReplicaSet[];
}

const DEPLOYMENT_CONTROLLER: Controller<Watched> = {
  component: 'deployment-controller',
  watches: { deployments: DEPLOYMENTS, sets: REPLICA_SETS, pods: PODS },

  keysAfter(name, object, { deployments, sets }) {
    if (name === 'deployments') return [keyOf(object)];
    const { namespace = '' } = object.metadata;
    const owner = controllerOf(object);
    if (name === 'sets' && owner === undefined)
      return deployments
        .list()
        .filter((each) => isOrphanOf(each as Deployment, object))
        .map(keyOf);
    // Recreate waits for the last old pod to be gone.
    const set = name === 'sets' ? object : sets.get(namespace, owner?.name ?? '');
    const deployment = set === undefined ? undefined : controllerOf(set);
    return deployment?.kind === DEPLOYMENTS.kind ? [`${namespace}/${deployment.name}`] : [];
  },

  async reconcile(key, { kube, copies, clock, log, enqueue }: Workbench<Watched>) {
    const { namespace, name } = splitKey(key);
    const deployment = copies.deployments.get(namespace, name) as Deployment | undefined;
    if (deployment === undefined) return;
    const owner = { resource: DEPLOYMENTS, object: deployment };
    const sets = (await claim(kube, owner, REPLICA_SETS, copies.sets.list())) as ReplicaSet[];
    const pods = copies.pods.list() as Pod[];
    const look: Look = {
      kube,
      record: eventRecorder(kube, this.component, clock, log),
      nowMs: clock.now(),
      deployment,
      sets,
      podsOf: (uid) => pods.filter((pod) => !isFinished(pod) && controllerOf(pod)?.uid === uid),
      conditions: deployment.status?.conditions ?? [],
      collided: false,
    };
    const recheckMs = await reconcile(look);
    if (recheckMs !== undefined) enqueue(key, recheckMs);
  },
};

/** Starts the controller for all namespaces; it needs nothing but the API. */
export function startDeploymentController(kube: Kube, options: ControllerOptions = {}): Running {
  return startController(kube, DEPLOYMENT_CONTROLLER, options);
}

async function reconcile(look: Look): Promise<number | undefined> {
  const { deployment } = look;
  if (deployment.metadata.deletionTimestamp !== undefined) {
    await writeStatus(look, findNew(deployment, look.sets), false);
    return undefined;
  }
  notePause(look);
  if (deployment.spec.paused === true || isScaling(deployment, look.sets)) return syncSizes(look);
  return isRolling(deployment) ? roll(look) : recreate(look);
}

/** Paused or resumed: said by the condition Progressing, whose deadline starts anew (Kubernetes: checkPausedConditions). */
function notePause(look: Look): void {
  const { deployment, nowMs } = look;
  const before = conditionOf(look.conditions, 'Progressing');
  if (deadlineMs(deployment) === undefined || before?.reason === 'ProgressDeadlineExceeded') return;
  const paused = deployment.spec.paused === true;
  if (paused === (before?.reason === 'DeploymentPaused')) return;
  const reason = paused ? 'DeploymentPaused' : 'DeploymentResumed';
  const message = `Deployment is ${paused ? 'paused' : 'resumed'}`;
  look.conditions = withCondition(look.conditions, { type: 'Progressing', status: 'Unknown', reason, message }, nowMs);
}

/** Only sizes: the Deployment is paused, or its replicas have changed. */
async function syncSizes(look: Look): Promise<undefined> {
  const found = await renewed(look, findNew(look.deployment, look.sets));
  await applyResizes(look.kube, look.record, look.deployment, planScale(look.deployment, found.fresh, found.old));
  if (look.deployment.spec.paused === true) await cleanUp(look, found.old);
  await writeStatus(look, found, false);
  return undefined;
}

async function roll(look: Look): Promise<number | undefined> {
  const found = await withNew(look);
  if (found.fresh !== undefined) {
    const plan = planRolling(look.deployment, found.fresh, found.old);
    const changed = await applyResizes(look.kube, look.record, look.deployment, plan);
    if (changed === 0 && isComplete(look.deployment, look.deployment.status ?? {})) await cleanUp(look, found.old);
  }
  return writeStatus(look, found, true);
}

/** Nothing new before everything old is gone, terminating pods too. */
async function recreate(look: Look): Promise<number | undefined> {
  const { deployment, kube, record } = look;
  let found: Sets = await renewed(look, findNew(deployment, look.sets));
  const shrunk = found.old.filter(isActive).map((set) => ({ set, replicas: 0 }));
  if ((await applyResizes(kube, record, deployment, shrunk)) > 0) return writeStatus(look, found, true);
  const left = found.old.some((set) => look.podsOf(set.metadata.uid).length > 0);
  if (left || shownBy(found.old, 'replicas') > 0) return writeStatus(look, found, true);
  if (found.fresh === undefined) found = await withNew(look);
  if (found.fresh !== undefined) {
    await applyResizes(kube, record, deployment, [{ set: found.fresh, replicas: wantedBy(deployment) }]);
    if (isComplete(deployment, deployment.status ?? {})) await cleanUp(look, found.old);
  }
  return writeStatus(look, found, true);
}

/** With the ReplicaSet of the present template, made now if it is not there; without it after a collision of names. */
async function withNew(look: Look): Promise<Sets> {
  const found = findNew(look.deployment, look.sets);
  if (found.fresh !== undefined) return renewed(look, found);
  const creation = await createNew(look.kube, look.record, look.deployment, found.old);
  if (creation.kind === 'collision') {
    look.collided = true;
    return found;
  }
  const { set } = creation;
  if (creation.kind === 'created')
    noteProgress(look, 'NewReplicaSetCreated', `Created new replica set "${set.metadata.name}"`);
  return { fresh: set, old: found.old };
}

/** With the ReplicaSet of the present template as the newest revision. */
async function renewed(look: Look, found: Sets): Promise<Sets> {
  const { fresh, old } = found;
  if (fresh === undefined) return found;
  const change = renewal(look.deployment, fresh, old);
  if (conditionOf(look.conditions, 'Progressing') === undefined)
    noteProgress(look, 'FoundNewReplicaSet', `Found new replica set "${fresh.metadata.name}"`);
  if (change === undefined) return found;
  const { name, namespace = '', uid, resourceVersion } = fresh.metadata;
  const patch = { ...change, metadata: { ...change.metadata, uid, resourceVersion } };
  const written = await look.kube.patch(REPLICA_SETS, name, patch, { type: 'merge', namespace });
  return { fresh: written as ReplicaSet, old };
}

function noteProgress(look: Look, reason: string, message: string): void {
  if (deadlineMs(look.deployment) === undefined) return;
  look.conditions = withCondition(
    look.conditions,
    { type: 'Progressing', status: 'True', reason, message },
    look.nowMs,
  );
}

async function cleanUp({ kube, deployment }: Look, old: readonly ReplicaSet[]): Promise<void> {
  for (const { metadata } of planCleanup(deployment, old)) {
    const { name, namespace = '', uid } = metadata;
    await tolerate(() => kube.delete(REPLICA_SETS, name, { namespace, uid, propagationPolicy: 'Background' }));
  }
}

/** Resolves with when the progress deadline has to be looked at. */
async function writeStatus(look: Look, { fresh, old }: Sets, moves: boolean): Promise<number | undefined> {
  const { deployment, kube, nowMs, conditions } = look;
  const sets = fresh === undefined ? old : [...old, fresh];
  const counted = countStatus(deployment, fresh, sets, conditions, nowMs);
  const status = moves ? withProgress(deployment, fresh, sets, counted, nowMs) : counted;
  const collisions = look.collided ? { collisionCount: (status.collisionCount ?? 0) + 1 } : {};
  await applyStatus(kube, deployment, { ...status, ...collisions }, fresh?.metadata.annotations?.[REVISION]);
  return untilDeadlineMs(deployment, status, nowMs);
}
