/**
 * The StatefulSet controller of the rehearsal cluster (a real control plane brings its own):
 * OnDelete and RollingUpdate with partition, OrderedReady and Parallel, revisions, status, Events.
 */
import type { Kube, KubeObject } from '../../lib/ports.ts';
import { CONTROLLER_REVISIONS, PODS, STATEFUL_SETS } from '../../lib/resources.ts';
import { keyOf, splitKey, startInformer } from '../informer.ts';
import type { Running } from '../running.ts';
import { systemClock } from '../system-clock.ts';
import { startWorker } from '../work-queue.ts';
import { adopt, isAdoptable } from './adopt.ts';
import { applyRevisions, truncateHistory } from './apply-revisions.ts';
import { controllerOf, isControlledBy } from './owners.ts';
import { eventRecorder } from './recorder.ts';
import { applyActions, applyStatus } from './stateful-set-apply.ts';
import { planStatefulSet } from './stateful-set-plan.ts';
import { statefulSetStatus } from './stateful-set-status.ts';
import type { ControllerOptions, ControllerRevision, Pod, StatefulSet } from './types.ts';

const RETRY_DELAY_MS = 100;
/** When a create or delete met something unexpected and no event may follow. */
const RECHECK_MS = 1000;

/** Starts the controller for all namespaces; it needs nothing but the API. */
export function startStatefulSetController(kube: Kube, options: ControllerOptions = {}): Running {
  const { log = () => undefined, clock = systemClock } = options;
  const report = (error: unknown, what = 'watch'): void =>
    log(`statefulset-controller: ${what}: ${error instanceof Error ? error.message : String(error)}`);
  const record = eventRecorder(kube, 'statefulset-controller', clock, log);
  const settings = { onError: report, clock };
  const everywhere = { namespace: '*' };

  const worker = startWorker(reconcile, { retryDelayMs: RETRY_DELAY_MS, onError: report, clock });

  const onDependant = (object: KubeObject): void => {
    const owner = controllerOf(object);
    if (owner?.kind === STATEFUL_SETS.kind) worker.enqueue(`${object.metadata.namespace ?? ''}/${owner.name}`);
    if (owner === undefined) for (const set of sets.list()) if (isAdoptable(set as StatefulSet, object)) enqueue(set);
  };
  const enqueue = (object: KubeObject): void => worker.enqueue(keyOf(object));
  const dependant = { onUpsert: onDependant, onDelete: onDependant };
  const sets = startInformer(kube, STATEFUL_SETS, everywhere, { onUpsert: enqueue, onDelete: enqueue }, settings);
  const pods = startInformer(kube, PODS, everywhere, dependant, settings);
  const revisions = startInformer(kube, CONTROLLER_REVISIONS, everywhere, dependant, settings);
  const synced = Promise.all([sets.synced, pods.synced, revisions.synced]);
  synced.catch(() => undefined); // Stopped before the first lists: there is nothing to reconcile.

  async function reconcile(key: string): Promise<void> {
    // A plan made on half a copy would create what is already there.
    await synced;
    const { namespace, name } = splitKey(key);
    const set = sets.get(namespace, name) as StatefulSet | undefined;
    if (set === undefined || set.metadata.deletionTimestamp !== undefined) return;
    if (await adopt(kube, set, pods.list(), revisions.list())) return;

    const ownPods = pods.list().filter((pod) => isControlledBy(pod, set)) as Pod[];
    const known = revisions.list().filter((revision) => isControlledBy(revision, set)) as ControllerRevision[];
    const applied = await applyRevisions(kube, set, known);
    const nowMs = clock.now();
    const plan = planStatefulSet({ set, pods: ownPods, current: applied.current, update: applied.update, nowMs });
    if (!(await applyActions(kube, record, set, plan.actions))) worker.enqueue(key, RECHECK_MS);
    const status = statefulSetStatus({
      set,
      pods: ownPods,
      currentRevision: applied.current.metadata.name,
      updateRevision: applied.update.metadata.name,
      collisionCount: applied.collisionCount,
      nowMs,
    });
    await applyStatus(kube, set, status);
    await truncateHistory(kube, set, known, applied, ownPods);
    if (plan.recheckAfterMs !== undefined) worker.enqueue(key, plan.recheckAfterMs);
  }

  return {
    async stop() {
      await Promise.all([sets.stop(), pods.stop(), revisions.stop(), worker.stop()]);
    },
  };
}
