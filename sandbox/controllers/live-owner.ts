/** Before an orphan is adopted the owner is asked for at the API server: a copy may be of one that has been deleted meanwhile. */
import { StatusError } from '../../lib/core/errors.ts';
import type { Kube, KubeObject, Resource } from '../../lib/ports.ts';

/** Whether the API server still has this very object, and it is not going (Kubernetes: RecheckDeletionTimestamp). */
export async function isLive(kube: Kube, resource: Resource, { metadata }: KubeObject): Promise<boolean> {
  const { name, uid, namespace = '' } = metadata;
  try {
    const now = await kube.get(resource, name, { namespace });
    return now.metadata.uid === uid && now.metadata.deletionTimestamp === undefined;
  } catch (error) {
    if (error instanceof StatusError && error.httpStatus === 404) return false;
    throw error;
  }
}
