/** Makes the claims of a pod before the pod, and keeps their owners as the retention policy wants. */
import { PERSISTENT_VOLUME_CLAIMS } from '../../../lib/ports/resources.ts';
import type { Kube, KubeObject } from '../../../lib/ports.ts';
import type { Pod, StatefulSet } from '../controller-types.ts';
import type { Recorder } from '../recorder.ts';
import { isOvertaken, tolerate } from '../tolerate.ts';
import { claimOwners, claimsOf, hasWrongOwners, isStale } from './claims.ts';
import { ordinalOf } from './stateful-pod.ts';

/** Finds a claim in the local copy. */
export type FindClaim = (namespace: string, name: string) => KubeObject | undefined;

/**
 * Creates what is missing of the claims of a pod that is about to be made. Returns why the pod has to wait (a claim of it
 * is going), or undefined.
 */
export async function createClaims(
  kube: Kube,
  record: Recorder,
  set: StatefulSet,
  pod: Pod,
  find: FindClaim,
): Promise<string | undefined> {
  const { name, namespace = '' } = pod.metadata;
  for (const claim of claimsOf(set, ordinalOf(set, name) ?? 0)) {
    const existing = find(namespace, claim.metadata.name);
    if (existing === undefined) await createClaim(kube, record, set, name, claim);
    else if (existing.metadata.deletionTimestamp !== undefined || isStale(existing, name))
      return `pvc ${claim.metadata.name} is being deleted`;
  }
  return undefined;
}

async function createClaim(
  kube: Kube,
  record: Recorder,
  set: StatefulSet,
  podName: string,
  claim: KubeObject,
): Promise<void> {
  const { name, namespace = '' } = claim.metadata;
  try {
    await kube.create(PERSISTENT_VOLUME_CLAIMS, claim, { namespace });
  } catch (error) {
    if (isOvertaken(error)) return;
    const why = error instanceof Error ? error.message : String(error);
    const what = `create Claim ${name} for Pod ${podName} in StatefulSet ${set.metadata.name} failed error: ${why}`;
    await record(set, 'Warning', 'FailedCreate', what);
    throw error;
  }
  const what = `create Claim ${name} Pod ${podName} in StatefulSet ${set.metadata.name} success`;
  await record(set, 'Normal', 'SuccessfulCreate', what);
}

/** Gives the claims of every pod the owners that the retention policy wants; before a pod is scaled away, not after. */
export async function ownClaims(kube: Kube, set: StatefulSet, pods: readonly Pod[], find: FindClaim): Promise<void> {
  for (const pod of pods) {
    const { name: podName, namespace = '' } = pod.metadata;
    for (const wanted of claimsOf(set, ordinalOf(set, podName) ?? 0)) {
      const claim = find(namespace, wanted.metadata.name);
      if (claim === undefined || claim.metadata.deletionTimestamp !== undefined) continue;
      const owners = claimOwners(set, pod, claim);
      if (!hasWrongOwners(claim, owners)) continue;
      const { name, uid, resourceVersion } = claim.metadata;
      const metadata = { uid, resourceVersion, ownerReferences: owners };
      await tolerate(() => kube.patch(PERSISTENT_VOLUME_CLAIMS, name, { metadata }, { type: 'merge', namespace }));
    }
  }
}
