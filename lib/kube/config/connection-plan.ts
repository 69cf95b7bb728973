import { ConnectionError } from '../../core/errors.ts';
import { advice, kubectl } from '../../core/values/command.ts';
import type { ConnectionFlags } from './connection-flag-values.ts';
import type { Kubeconfig, KubeconfigCluster, KubeconfigContext, KubeconfigUser } from './kubeconfig-model.ts';

/** Server, user and namespace: decided from files and flags alone, before any network call. */
export interface ConnectionPlan {
  /** The context in force; '' when flags or a pod's service account decide alone. */
  context: string;
  clusterName: string;
  userName: string;
  cluster: KubeconfigCluster;
  user: KubeconfigUser;
  /** From --namespace or the context; undefined = the caller's default. */
  namespace: string | undefined;
}

/**
 * Applies the flags to the kubeconfig with client-go's precedence (clientcmd, DirectClientConfig).
 * `cluster.server` stays undefined when nothing names one. Throws ConnectionError in kubectl's words for names that do not exist;
 * a context whose cluster or user does not exist is refused too, where kubectl would fall back to localhost:8080 or ask for a password.
 */
export function planConnection(config: Kubeconfig, flags: ConnectionFlags): ConnectionPlan {
  const contextName = flags.context || config.currentContext;
  const context = findContext(config, contextName);
  const clusterName = flags.cluster || context.cluster || '';
  const userName = flags.user || context.user || '';
  return {
    context: contextName,
    clusterName,
    userName,
    cluster: overrideCluster(findCluster(config, clusterName, contextName, flags), flags),
    user: overrideUser(findUser(config, userName, contextName, flags), flags),
    namespace: flags.namespace || context.namespace,
  };
}

function findContext(config: Kubeconfig, name: string): KubeconfigContext {
  if (name === '') return {};
  const context = config.contexts.get(name);
  if (context !== undefined) return context;
  const known = [...config.contexts.keys()].sort();
  const accepted = known.length > 0 ? `contexts there are: ${known.join(', ')}` : 'the kubeconfig has no contexts';
  throw new NoContextError(`Error in configuration: context was not found for specified context: ${name}`, {
    hint: accepted,
  });
}

/** The kubeconfig has no context of that name. */
export class NoContextError extends ConnectionError {}

function findCluster(config: Kubeconfig, name: string, context: string, flags: ConnectionFlags): KubeconfigCluster {
  const cluster = config.clusters.get(name);
  if (cluster !== undefined || name === '') return cluster ?? {};
  if (flags.cluster) throw new ConnectionError(`error: no server found for cluster "${name}"`);
  if (flags.server) return {};
  throw new ConnectionError(`error: cluster "${name}" does not exist`, {
    hint: advice`context "${context}" names it: ${kubectl('config', 'view')}`,
  });
}

function findUser(config: Kubeconfig, name: string, context: string, flags: ConnectionFlags): KubeconfigUser {
  const user = config.users.get(name);
  if (user !== undefined || name === '') return user ?? {};
  const hint = flags.user ? undefined : advice`context "${context}" names it: ${kubectl('config', 'view')}`;
  throw new ConnectionError(`error: auth info "${name}" does not exist`, { hint });
}

function overrideCluster(cluster: KubeconfigCluster, flags: ConnectionFlags): KubeconfigCluster {
  const result: KubeconfigCluster = { ...cluster };
  if (flags.server) {
    result.server = flags.server;
    // A server given by hand clears the file's TLS name with it.
    delete result.tlsServerName;
  }
  if (flags.tlsServerName) result.tlsServerName = flags.tlsServerName;
  if (flags.insecureSkipTlsVerify || flags.certificateAuthority) {
    delete result.certificateAuthority;
    delete result.certificateAuthorityData;
    result.insecureSkipTlsVerify = flags.insecureSkipTlsVerify ?? false;
    if (flags.certificateAuthority) result.certificateAuthority = flags.certificateAuthority;
  }
  if (flags.disableCompression !== undefined) result.disableCompression = flags.disableCompression;
  return result;
}

function overrideUser(user: KubeconfigUser, flags: ConnectionFlags): KubeconfigUser {
  const result: KubeconfigUser = { ...user };
  if (flags.token) {
    result.token = flags.token;
    delete result.tokenFile;
  }
  if (flags.clientCertificate) {
    result.clientCertificate = flags.clientCertificate;
    delete result.clientCertificateData;
  }
  if (flags.clientKey) {
    result.clientKey = flags.clientKey;
    delete result.clientKeyData;
  }
  if (flags.as) result.as = flags.as;
  if (flags.asUid) result.asUid = flags.asUid;
  if (flags.asGroup && flags.asGroup.length > 0) result.asGroups = flags.asGroup;
  if (flags.asUserExtra && flags.asUserExtra.length > 0) result.asUserExtra = parseUserExtra(flags.asUserExtra);
  return result;
}

function parseUserExtra(pairs: readonly string[]): Record<string, string[]> {
  const extra: Record<string, string[]> = {};
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1) throw new ConnectionError(`error: --as-user-extra "${pair}" must be key=value`);
    const key = pair.slice(0, at);
    extra[key] = [...(extra[key] ?? []), pair.slice(at + 1)];
  }
  return extra;
}
