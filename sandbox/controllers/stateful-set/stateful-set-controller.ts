/**
 * The StatefulSet controller of the rehearsal cluster (a real control plane brings its own):
 * OnDelete and RollingUpdate with partition, OrderedReady and Parallel, revisions, volume claims, status, Events.
 */

import { CONTROLLER_REVISIONS, PERSISTENT_VOLUME_CLAIMS, PODS, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { Kube, KubeObject } from '../../../lib/ports.ts';
import { keyOf, splitKey } from '../../common/informer.ts';
import type { Running } from '../../common/running.ts';
import { controllerOf, isControlledBy } from '../controller-ref.ts';
import type { ControllerOptions, ControllerRevision, Pod, StatefulSet } from '../controller-types.ts';
import { eventRecorder } from '../recorder.ts';
import { type Controller, startController, type Workbench } from '../start-controller.ts';
import { adopt, isAdoptable } from './adopt.ts';
import { ownClaims } from './apply-claims.ts';
import { applyRevisions, truncateHistory } from './apply-revisions.ts';
import { applyActions, applyStatus } from './stateful-set-apply.ts';
import { planStatefulSet } from './stateful-set-plan.ts';
import { statefulSetStatus } from './stateful-set-status.ts';

/** When a create or delete met something unexpected and no event may follow. */
const RECHECK_MS = 1000;

type Watched = 'sets' | 'pods' | 'revisions' | 'claims';

const STATEFUL_SET_CONTROLLER: Controller<Watched> = {
  component: 'statefulset-controller',
  watches: { sets: STATEFUL_SETS, pods: PODS, revisions: CONTROLLER_REVISIONS, claims: PERSISTENT_VOLUME_CLAIMS },

  keysAfter(name, object, { sets }) {
    if (name === 'sets') return [keyOf(object)];
    if (name === 'claims')
      return sets
        .list()
        .filter((set) => couldClaim(set as StatefulSet, object))
        .map(keyOf);
    const owner = controllerOf(object);
    if (owner === undefined) {
      return sets
        .list()
        .filter((set) => isAdoptable(set as StatefulSet, object))
        .map(keyOf);
    }
    return owner.kind === STATEFUL_SETS.kind ? [`${object.metadata.namespace ?? ''}/${owner.name}`] : [];
  },

  async reconcile(key, { kube, copies, clock, log, enqueue }: Workbench<Watched>) {
    const { namespace, name } = splitKey(key);
    const set = copies.sets.get(namespace, name) as StatefulSet | undefined;
    if (set === undefined || set.metadata.deletionTimestamp !== undefined) return;
    if (await adopt(kube, set, copies.pods.list(), copies.revisions.list())) return;

    const pods = copies.pods.list().filter((pod) => isControlledBy(pod, set)) as Pod[];
    const known = copies.revisions.list().filter((one) => isControlledBy(one, set)) as ControllerRevision[];
    const revisions = await applyRevisions(kube, set, known);
    const nowMs = clock.now();
    const plan = planStatefulSet({ set, pods, current: revisions.current, update: revisions.update, nowMs });
    const record = eventRecorder(kube, this.component, clock, log);
    const findClaim = (space: string, claim: string) => copies.claims.get(space, claim);
    await ownClaims(kube, set, pods, findClaim);
    if (!(await applyActions(kube, record, set, plan.actions, findClaim))) enqueue(key, RECHECK_MS);
    // Counted at once (Kubernetes: processReplica): without the pod that is to come an update would look finished.
    const created = plan.actions.flatMap((action) => (action.kind === 'create' ? [action.pod] : []));
    const status = statefulSetStatus({
      set,
      pods: [...pods, ...created],
      currentRevision: revisions.current.metadata.name,
      updateRevision: revisions.update.metadata.name,
      collisionCount: revisions.collisionCount,
      nowMs,
    });
    await applyStatus(kube, set, status);
    await truncateHistory(kube, set, known, revisions, pods);
    if (plan.recheckAfterMs !== undefined) enqueue(key, plan.recheckAfterMs);
  },
};

/** Whether a claim has a name that one of the templates gives: its coming and going lets a pod be made. */
function couldClaim({ metadata, spec }: StatefulSet, claim: KubeObject): boolean {
  const prefixes = (spec.volumeClaimTemplates ?? []).map((template) => `${template.metadata.name}-${metadata.name}-`);
  return (
    metadata.namespace === claim.metadata.namespace && prefixes.some((prefix) => claim.metadata.name.startsWith(prefix))
  );
}

/** Starts the controller for all namespaces; it needs nothing but the API. */
export function startStatefulSetController(kube: Kube, options: ControllerOptions = {}): Running {
  return startController(kube, STATEFUL_SET_CONTROLLER, options);
}
