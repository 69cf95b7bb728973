import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { readText } from '../../read-file.ts';
import type { KubeconfigCluster, KubeconfigUser } from './kubeconfig-model.ts';

/** Where the kubelet mounts a pod's service account. */
export const SERVICE_ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

export interface InCluster {
  cluster: KubeconfigCluster;
  user: KubeconfigUser;
  namespace: string | undefined;
}

/**
 * The service account of the pod we run in; undefined outside a pod (client-go, InClusterConfig.Possible).
 * The namespace is $POD_NAMESPACE, else the service account's own.
 */
export async function findInCluster(
  env: Record<string, string | undefined>,
  folder: string = SERVICE_ACCOUNT_FOLDER,
): Promise<InCluster | undefined> {
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'];
  const tokenFile = join(folder, 'token');
  if (!host || !port || (await textOf(tokenFile)) === undefined) return undefined;
  return {
    cluster: {
      server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
      certificateAuthority: join(folder, 'ca.crt'),
    },
    user: { tokenFile },
    namespace: env['POD_NAMESPACE'] || (await textOf(join(folder, 'namespace')))?.trim() || undefined,
  };
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readText(file);
  } catch {
    return undefined;
  }
}
