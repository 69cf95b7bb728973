/** The one place that decides to which server, as whom and in which namespace a command speaks. */

import { ConnectionError } from '../../core/errors.ts';
import type { ConnectionFlags } from './connection-flag-values.ts';
import { type ConnectionPlan, planConnection } from './connection-plan.ts';
import { findInCluster, type InCluster } from './in-cluster.ts';
import type { LoadedKubeconfig } from './kubeconfig-load.ts';

export interface ResolvedConnection {
  /** With a server in it. */
  plan: ConnectionPlan;
  namespace: string;
}

/**
 * Server, user and namespace from kubeconfig and flags, else from the pod's service account, else $KUBERNETES_MASTER.
 * Throws ConnectionError when none of them names a server, where kubectl would try localhost:8080.
 */
export async function resolveConnection(
  loaded: LoadedKubeconfig,
  flags: ConnectionFlags,
  env: Record<string, string | undefined>,
  serviceAccountFolder: string | undefined,
): Promise<ResolvedConnection> {
  const plan = planConnection(loaded.config, flags);
  const pod = await findInCluster(env, serviceAccountFolder);
  const namespace = plan.namespace ?? pod?.namespace ?? 'default';
  if (plan.cluster.server) return { plan, namespace };
  if (pod) return { plan: asServiceAccount(plan, pod), namespace };
  const master = env['KUBERNETES_MASTER'];
  if (master) return { plan: { ...plan, cluster: { ...plan.cluster, server: master } }, namespace };
  const named = plan.clusterName ? `cluster "${plan.clusterName}" has no server` : 'no context names a cluster';
  throw new ConnectionError(`error: no cluster to talk to: ${named}; looked at ${loaded.lookedAt}`, {
    hint: 'set KUBECONFIG, or give --kubeconfig, --context or --server; inside a pod its service account is used',
  });
}

/** Flags still count in a pod: another CA, skip-verify, a token, impersonation. */
function asServiceAccount(plan: ConnectionPlan, pod: InCluster): ConnectionPlan {
  const { certificateAuthority, ...reach } = pod.cluster;
  const trusts = plan.cluster.insecureSkipTlsVerify || plan.cluster.certificateAuthority;
  return {
    ...plan,
    clusterName: 'in-cluster',
    userName: 'service account',
    cluster: { ...reach, ...(!trusts && certificateAuthority && { certificateAuthority }), ...plan.cluster },
    user: plan.user.token ? plan.user : { ...plan.user, ...pod.user },
  };
}
