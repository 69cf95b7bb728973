/** The ReplicaSet of a Deployment's present template, and the revisions that are kept for `kubectl rollout undo`. */
import { isDeepStrictEqual } from 'node:util';
import { DEPLOYMENTS } from '../../../lib/ports/resources.ts';
import { controllerReference } from '../controller-ref.ts';
import type { Deployment, PodTemplate, ReplicaSet } from '../controller-types.ts';
import { revisionHash } from '../stateful-set/revision.ts';
import { byAge, sizeAnnotations, wantedBy } from './replicas.ts';

const HASH_LABEL = 'pod-template-hash';
export const REVISION = 'deployment.kubernetes.io/revision';
const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
/** Annotations of the Deployment that say nothing about a revision. */
const NOT_COPIED = [
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  'deployment.kubernetes.io/desired-replicas',
  'deployment.kubernetes.io/max-replicas',
];

export const revisionOf = (set: ReplicaSet): number => Number(set.metadata.annotations?.[REVISION] ?? 0) || 0;

/** The oldest ReplicaSet with the Deployment's template, and all the others. */
export function findNew(deployment: Deployment, sets: readonly ReplicaSet[]) {
  const fresh = sets.toSorted(byAge).find((set) => sameTemplate(set.spec.template, deployment.spec.template));
  return { fresh, old: sets.filter((set) => set !== fresh) };
}

/** Equal but for the label that the controller adds. */
export function sameTemplate(ours: PodTemplate, theirs: PodTemplate): boolean {
  const bare = ({ metadata = {}, spec }: PodTemplate) => {
    const { [HASH_LABEL]: _hash, ...labels } = metadata.labels ?? {};
    return { metadata: { ...metadata, labels }, spec };
  };
  return isDeepStrictEqual(structuredClone(bare(ours)), structuredClone(bare(theirs)));
}

/** The number that the newest revision has, or gets. */
export const nextRevision = (old: readonly ReplicaSet[]): number => Math.max(0, ...old.map(revisionOf)) + 1;

/** The ReplicaSet as it is created, with `replicas` pods. */
export function newReplicaSet(deployment: Deployment, old: readonly ReplicaSet[], replicas: number): ReplicaSet {
  const template = structuredClone(deployment.spec.template);
  const hash = revisionHash(template, deployment.status?.collisionCount ?? 0);
  const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash };
  const { name, namespace } = deployment.metadata;
  const { minReadySeconds = 0, selector } = deployment.spec;
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-${hash}`,
      ...(namespace === undefined ? {} : { namespace }),
      labels,
      annotations: { ...copied(deployment), [REVISION]: String(nextRevision(old)), ...sizeAnnotations(deployment) },
      ownerReferences: [controllerReference(DEPLOYMENTS, deployment)],
    },
    spec: {
      replicas,
      ...(minReadySeconds === 0 ? {} : { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [HASH_LABEL]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}

/**
 * The changes to the ReplicaSet of the present template: annotations of the Deployment, its revision (one that was
 * gone back to becomes the newest), and minReadySeconds. Undefined when nothing has to.
 */
export function renewal(deployment: Deployment, fresh: ReplicaSet, old: readonly ReplicaSet[]) {
  const before = fresh.metadata.annotations ?? {};
  const annotations: Record<string, string> = {};
  for (const [key, value] of Object.entries(copied(deployment))) if (before[key] !== value) annotations[key] = value;
  const next = nextRevision(old);
  if (revisionOf(fresh) < next) {
    annotations[REVISION] = String(next);
    if (before[REVISION] !== undefined)
      annotations[REVISION_HISTORY] = [before[REVISION_HISTORY], before[REVISION]].filter(Boolean).join(',');
  }
  const minReadySeconds = deployment.spec.minReadySeconds ?? 0;
  const paced = (fresh.spec.minReadySeconds ?? 0) === minReadySeconds ? {} : { spec: { minReadySeconds } };
  if (Object.keys(annotations).length === 0 && Object.keys(paced).length === 0) return undefined;
  return { metadata: { annotations }, ...paced };
}

/** The old ReplicaSets beyond the history limit that have no pods, the oldest revision first (Kubernetes: cleanupDeployment). */
export function planCleanup(deployment: Deployment, old: readonly ReplicaSet[]): ReplicaSet[] {
  const alive = old.filter((set) => set.metadata.deletionTimestamp === undefined);
  const surplus = Math.max(0, alive.length - (deployment.spec.revisionHistoryLimit ?? 10));
  const isEmpty = (set: ReplicaSet): boolean =>
    wantedBy(set) === 0 &&
    (set.status?.replicas ?? 0) === 0 &&
    (set.metadata.generation ?? 0) <= (set.status?.observedGeneration ?? 0);
  return alive
    .toSorted((a, b) => revisionOf(a) - revisionOf(b))
    .slice(0, surplus)
    .filter(isEmpty);
}

function copied(deployment: Deployment): Record<string, string> {
  const own = Object.entries(deployment.metadata.annotations ?? {});
  return Object.fromEntries(own.filter(([key]) => !NOT_COPIED.includes(key)));
}
