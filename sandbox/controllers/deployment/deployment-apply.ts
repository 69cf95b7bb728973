/** Carries out a Deployment's decisions: makes and resizes ReplicaSets, writes the status, and leaves Events. */
import { isDeepStrictEqual } from 'node:util';
import { StatusError } from '../../../lib/core/errors.ts';
import { DEPLOYMENTS, REPLICA_SETS } from '../../../lib/ports/resources.ts';
import type { Kube } from '../../../lib/ports.ts';
import { isControlledBy } from '../controller-ref.ts';
import type { Deployment, DeploymentStatus, ReplicaSet } from '../controller-types.ts';
import type { Recorder } from '../recorder.ts';
import { tolerate } from '../tolerate.ts';
import { newReplicaSet, REVISION, sameTemplate } from './new-replica-set.ts';
import { type Resize, sizeAnnotations, wantedBy } from './replicas.ts';
import { sizeOfNew } from './rolling-plan.ts';

export type Creation =
  | { kind: 'created' | 'found'; set: ReplicaSet }
  /** Another template has the name: the next one is tried with a higher collision count. */
  | { kind: 'collision' };

/** Makes the ReplicaSet of the present template, with as many pods as the strategy allows at once. Throws what the API server refuses. */
export async function createNew(
  kube: Kube,
  record: Recorder,
  deployment: Deployment,
  old: readonly ReplicaSet[],
): Promise<Creation> {
  const { name, namespace = '' } = deployment.metadata;
  const wanted = newReplicaSet(deployment, old, sizeOfNew(deployment, 0, old));
  try {
    const set = (await kube.create(REPLICA_SETS, wanted, { namespace })) as ReplicaSet;
    if (wantedBy(set) > 0)
      await record(
        deployment,
        'Normal',
        'ScalingReplicaSet',
        `Scaled up replica set ${set.metadata.name} from 0 to ${wantedBy(set)}`,
      );
    return { kind: 'created', set };
  } catch (error) {
    if (!(error instanceof StatusError && error.httpStatus === 409)) {
      const why = error instanceof Error ? error.message : String(error);
      await record(
        deployment,
        'Warning',
        'ReplicaSetCreateError',
        `Failed to create new replica set "${name}": ${why}`,
      );
      throw error;
    }
  }
  const taken = (await kube.get(REPLICA_SETS, wanted.metadata.name, { namespace })) as ReplicaSet;
  const isOurs = isControlledBy(taken, deployment) && sameTemplate(taken.spec.template, deployment.spec.template);
  return isOurs ? { kind: 'found', set: taken } : { kind: 'collision' };
}

/** Writes sizes, and the annotations that remember what they were for. Resolves with how many sets changed their size. */
export async function applyResizes(
  kube: Kube,
  record: Recorder,
  deployment: Deployment,
  resizes: readonly Resize[],
): Promise<number> {
  let changed = 0;
  const annotations = sizeAnnotations(deployment);
  for (const { set, replicas } of resizes) {
    const { name, namespace = '', uid, resourceVersion } = set.metadata;
    const before = wantedBy(set);
    const isNoted = Object.entries(annotations).every(([key, value]) => set.metadata.annotations?.[key] === value);
    if (before === replicas && isNoted) continue;
    // With the version: an old copy must not undo what was decided from a newer one.
    const patch = { metadata: { uid, resourceVersion, annotations }, spec: { replicas } };
    const done = await tolerate(() => kube.patch(REPLICA_SETS, name, patch, { type: 'merge', namespace }));
    if (!done || before === replicas) continue;
    changed += 1;
    const way = replicas > before ? 'up' : 'down';
    const message = `Scaled ${way} replica set ${name} from ${before} to ${replicas}`;
    await record(deployment, 'Normal', 'ScalingReplicaSet', message);
  }
  return changed;
}

const COUNTS = ['replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas', 'unavailableReplicas'] as const;

/** Writes status and revision in one patch when they differ; counts that are gone are taken away. */
export async function applyStatus(
  kube: Kube,
  deployment: Deployment,
  status: DeploymentStatus,
  revision: string | undefined,
): Promise<void> {
  const before = deployment.metadata.annotations?.[REVISION];
  const sameRevision = revision === undefined || revision === before;
  if (sameRevision && isDeepStrictEqual(plain(deployment.status ?? {}), plain(status))) return;
  const gone = Object.fromEntries(COUNTS.filter((count) => status[count] === undefined).map((count) => [count, null]));
  const { name, uid, namespace = '', resourceVersion } = deployment.metadata;
  const annotations = sameRevision ? {} : { annotations: { [REVISION]: revision } };
  const patch = { metadata: { uid, resourceVersion, ...annotations }, status: { ...status, ...gone } };
  await tolerate(() => kube.patch(DEPLOYMENTS, name, patch, { type: 'merge', subresource: 'status', namespace }));
}

const plain = (status: DeploymentStatus): unknown => structuredClone(status);
