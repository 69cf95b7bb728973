/** The ConfigMap in which TKE's service-controller publishes its version and switches (TKE: tke-service-controller-config). */
import { StatusError } from '../../lib/core/errors.ts';
import { CONFIG_MAPS, NAMESPACES } from '../../lib/ports/resources.ts';
import type { Kube } from '../../lib/ports.ts';

const NAME = 'tke-service-controller-config';
const NAMESPACE = 'kube-system';

const CONFIG = {
  VERSION: 'v2.11.1',
  GlobalRouteDirectAccess: 'true',
  EnablePodGracefulDeletion: 'false',
  REUSE_LOADBALANCER: 'true',
} as const;

/** Writes it where there is none, and leaves one that is there alone. */
export async function publishConfig(kube: Kube): Promise<void> {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } };
  await unlessThere(() => kube.create(NAMESPACES, namespace));
  const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: NAME }, data: CONFIG };
  await unlessThere(() => kube.create(CONFIG_MAPS, config, { namespace: NAMESPACE }));
}

async function unlessThere(create: () => Promise<unknown>): Promise<void> {
  try {
    await create();
  } catch (error) {
    if (!(error instanceof StatusError) || error.httpStatus !== 409) throw error;
  }
}
