/** The ReplicaSet controller of the rehearsal cluster: as many pods as asked for, those that cost least gone first. */
import { isDeepStrictEqual } from 'node:util';
import { PODS, REPLICA_SETS } from '../../../lib/ports/resources.ts';
import type { Kube } from '../../../lib/ports.ts';
import { keyOf, splitKey } from '../../common/informer.ts';
import type { Running } from '../../common/running.ts';
import { claim, isOrphanOf } from '../claim.ts';
import { isTerminating } from '../controlled-pod.ts';
import { controllerOf } from '../controller-ref.ts';
import type { ControllerOptions, Pod, ReplicaSet, ReplicaSetStatus } from '../controller-types.ts';
import { eventRecorder, type Recorder } from '../recorder.ts';
import { type Controller, startController, type Workbench } from '../start-controller.ts';
import { isOvertaken, tolerate } from '../tolerate.ts';
import { Expectations } from './expectations.ts';
import { isActive, planReplicaSet, replicaSetStatus } from './replica-set-plan.ts';

/** When a pod could not be made or deleted and no event may follow. */
const RECHECK_MS = 1000;

type Watched = 'sets' | 'pods';
type Bench = Workbench<Watched>;

/** Starts the controller for all namespaces; it needs nothing but the API. */
export function startReplicaSetController(kube: Kube, options: ControllerOptions = {}): Running {
  return startController(kube, replicaSetController(new Expectations()), options);
}

function replicaSetController(expected: Expectations): Controller<Watched> {
  return {
    component: 'replicaset-controller',
    watches: { sets: REPLICA_SETS, pods: PODS },

    keysAfter(name, object, { sets, pods }) {
      if (name === 'sets') return [keyOf(object)];
      const { uid = '', namespace = '', name: pod } = object.metadata;
      // One that is gone, or came back as another, has shown too.
      const shown = pods.get(namespace, pod)?.metadata.uid === uid;
      if (!shown || !expected.deletes(uid) || isTerminating(object as Pod)) expected.seen(uid);
      const owner = controllerOf(object);
      if (owner !== undefined) return owner.kind === REPLICA_SETS.kind ? [`${namespace}/${owner.name}`] : [];
      return sets
        .list()
        .filter((set) => isOrphanOf(set as ReplicaSet, object))
        .map(keyOf);
    },

    async reconcile(key, bench) {
      const { kube, copies, clock, log, enqueue } = bench;
      const { namespace, name } = splitKey(key);
      const set = copies.sets.get(namespace, name) as ReplicaSet | undefined;
      if (set === undefined) return;
      const owner = { resource: REPLICA_SETS, object: set };
      const pods = (await claim(kube, owner, PODS, copies.pods.list())) as Pod[];
      const waitMs = expected.waitMs(key, clock.now());
      let failure: string | undefined;
      if (set.metadata.deletionTimestamp === undefined && waitMs === 0) {
        const plan = planReplicaSet(set, pods, relatedPods(bench, set, pods), clock.now());
        const record = eventRecorder(kube, 'replicaset-controller', clock, log);
        failure = await apply(bench, record, key, set, plan, expected);
        if (failure !== undefined) enqueue(key, RECHECK_MS);
        if (plan.recheckAfterMs !== undefined) enqueue(key, plan.recheckAfterMs);
      } else if (waitMs > 0) enqueue(key, waitMs);
      await applyStatus(kube, set, replicaSetStatus(set, pods, failure, clock.now()));
    },
  };
}

/** The active pods of all ReplicaSets that have the same controller as `set`. */
function relatedPods({ copies }: Bench, set: ReplicaSet, own: readonly Pod[]): Pod[] {
  const owner = controllerOf(set);
  if (owner === undefined) return own.filter(isActive);
  const siblings = copies.sets.list().filter((each) => controllerOf(each)?.uid === owner.uid);
  const uids = new Set(siblings.map((each) => each.metadata.uid));
  return (copies.pods.list() as Pod[]).filter((pod) => isActive(pod) && uids.has(controllerOf(pod)?.uid));
}

/** Carries the plan out. Resolves with the words of the first write that failed, undefined when all took effect. */
async function apply(
  { kube, copies, clock }: Bench,
  record: Recorder,
  key: string,
  set: ReplicaSet,
  plan: ReturnType<typeof planReplicaSet>,
  expected: Expectations,
): Promise<string | undefined> {
  const namespace = set.metadata.namespace ?? '';
  const create = async (pod: Pod): Promise<string | undefined> => {
    try {
      const { metadata } = await kube.create(PODS, pod, { namespace });
      // The event may have been faster than the answer.
      if (copies.pods.get(namespace, metadata.name)?.metadata.uid !== metadata.uid)
        expected.awaitCreation(key, metadata.uid ?? '', clock.now());
      await record(set, 'Normal', 'SuccessfulCreate', `Created pod: ${metadata.name}`);
      return undefined;
    } catch (error) {
      return failed(record, set, 'FailedCreate', 'Error creating', error);
    }
  };
  const remove = async ({ metadata: { name, uid = '' } }: Pod): Promise<string | undefined> => {
    expected.awaitDeletion(key, uid, clock.now());
    try {
      await kube.delete(PODS, name, { namespace, uid });
      await record(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
      return undefined;
    } catch (error) {
      expected.seen(uid);
      return isOvertaken(error) ? undefined : failed(record, set, 'FailedDelete', `Error deleting pod ${name}`, error);
    }
  };
  const failures = await Promise.all([...plan.create.map(create), ...plan.delete.map(remove)]);
  return failures.find((each) => each !== undefined);
}

async function failed(record: Recorder, set: ReplicaSet, reason: string, what: string, error: unknown) {
  const why = error instanceof Error ? error.message : String(error);
  await record(set, 'Warning', reason, `${what}: ${why}`);
  return why;
}

const COUNTS = ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'conditions'] as const;

async function applyStatus(kube: Kube, set: ReplicaSet, status: ReplicaSetStatus): Promise<void> {
  if (isDeepStrictEqual({ ...set.status }, { ...status })) return;
  const gone = Object.fromEntries(COUNTS.filter((count) => status[count] === undefined).map((count) => [count, null]));
  const { name, uid, namespace = '' } = set.metadata;
  const patch = { metadata: { uid }, status: { ...status, ...gone } };
  await tolerate(() => kube.patch(REPLICA_SETS, name, patch, { type: 'merge', subresource: 'status', namespace }));
}
