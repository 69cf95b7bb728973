import { setTimeout as sleepFor } from 'node:timers/promises';
import { ConnectionError } from '../errors.ts';
import type { Kube } from '../ports.ts';
import { directAgent } from './agent.ts';
import { KubeClient } from './client.ts';
import { type ConnectionPlan, planConnection } from './connection-plan.ts';
import { connectionProblems, maskUserInfo, refuseProblems } from './connection-validate.ts';
import { type Credentials, fixedCredentials, type Proof, tokenFileCredentials } from './credentials.ts';
import type { ConnectionFlags } from './flags.ts';
import { HttpTrace } from './http-trace.ts';
import { impersonationHeaders } from './impersonation.ts';
import { findInCluster } from './in-cluster.ts';
import { homeFolder, type LoadedKubeconfig, loadKubeconfig } from './kubeconfig-load.ts';
import { proxyFor } from './proxy.ts';
import { parseServerUrl } from './server-url.ts';
import { readTlsMaterial, refuseUnusableCa, type TlsMaterial } from './tls-material.ts';
import { Transport } from './transport.ts';
import { userAgent } from './user-agent.ts';
import { onceEach } from './warnings.ts';

export type { ConnectionFlags } from './flags.ts';

export interface ConnectOptions {
  flags: ConnectionFlags;
  env: Record<string, string | undefined>;
  /** Diagnostics in klog levels: 6 = requests, 7 = headers, 8 = bodies; secrets are masked. */
  trace?: (level: number, line: string) => void;
  /** The server's Warning headers, each text once, and kubeconfig trouble; bare text without a prefix. */
  warn?: (line: string) => void;
  /** Default: `kubectl-zeroloss/v0 (OS/ARCH)`. */
  userAgent?: string;
  /** Default: kubectl-zeroloss. */
  fieldManager?: string;
  /** Where `.kube/config` is looked for; default $HOME. */
  homeDir?: string;
  now?: () => number;
  /** Waits for Retry-After; default: real time. */
  sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Where a pod's service account is mounted; default as the kubelet does it. */
  serviceAccountFolder?: string;
}

export type ConnectedKube = Kube & { readonly context: string; readonly serverUrl: string; close(): Promise<void> };

/**
 * A Kube for the cluster that kubectl would talk to with the same flags, environment and files.
 * Reads files only; the first network call is the caller's. Throws ConnectionError for a configuration kubectl would refuse.
 */
export async function connectKube(options: ConnectOptions): Promise<ConnectedKube> {
  const { flags, env, now = Date.now } = options;
  const loaded = await loadKubeconfig({
    explicitFile: flags.kubeconfig,
    env,
    homeDir: options.homeDir,
    warn: options.warn,
  });
  const { plan, namespace } = await resolvePlan(loaded, options);
  const { material: tls, problems } = await readTlsMaterial(plan);
  refuseProblems([...connectionProblems(plan), ...problems]);
  refuseUnusableCa(tls, plan.clusterName);
  const server = parseServerUrl(plan.cluster.server ?? '', Object.keys(tls).length > 0);
  const proxy = proxyFor(server, plan.cluster.proxyUrl, env);
  const trace = new HttpTrace(options.trace);
  const pool = connectionPool(server, tls, proxy);
  const transport = new Transport({
    server,
    // Over plain HTTP nothing secret is sent (client-go, IsConfigTransportTLS).
    credentials: server.protocol === 'http:' ? fixedCredentials({}) : await credentialsOf(plan, server, options, trace),
    agentFor: pool.agentFor,
    headers: {
      'User-Agent': options.userAgent ?? userAgent('0'),
      ...(server.protocol === 'https:' && impersonationHeaders(plan.user)),
    },
    via: proxy && maskUserInfo(proxy),
    compression: !plan.cluster.disableCompression,
    requestTimeoutMs: flags.requestTimeoutMs ?? 0,
    trace,
    warnings: onceEach(options.warn ?? (() => undefined)),
    sleep: options.sleep ?? (async (ms, signal) => void (await sleepFor(ms, undefined, signal ? { signal } : {}))),
    now,
  });
  const client = new KubeClient(transport, { namespace, fieldManager: options.fieldManager ?? 'kubectl-zeroloss' });
  return Object.assign(client, { context: plan.context, serverUrl: server.href, close: pool.close });
}

/** The plan with a server in it: from kubeconfig and flags, else the pod's service account, else $KUBERNETES_MASTER. */
async function resolvePlan(
  loaded: LoadedKubeconfig,
  options: ConnectOptions,
): Promise<{ plan: ConnectionPlan; namespace: string }> {
  const { flags, env } = options;
  const plan = planConnection(loaded.config, flags);
  const pod = await findInCluster(env, options.serviceAccountFolder);
  const namespace = plan.namespace ?? pod?.namespace ?? 'default';
  if (plan.cluster.server) return { plan, namespace };
  if (pod) {
    const cluster = { ...pod.cluster, ...plan.cluster };
    const user = plan.user.token ? plan.user : { ...plan.user, ...pod.user };
    return { plan: { ...plan, cluster, user, clusterName: 'in-cluster', userName: 'service account' }, namespace };
  }
  const master = env['KUBERNETES_MASTER'];
  if (master) return { plan: { ...plan, cluster: { ...plan.cluster, server: master } }, namespace };
  const named = plan.clusterName ? `cluster "${plan.clusterName}" has no server` : 'no context names a cluster';
  throw new ConnectionError(`error: no cluster to talk to: ${named}; looked at ${loaded.lookedAt}`, {
    hint: 'set KUBECONFIG, or give --kubeconfig, --context or --server; inside a pod its service account is used',
  });
}

async function credentialsOf(
  plan: ConnectionPlan,
  server: URL,
  options: ConnectOptions,
  trace: HttpTrace,
): Promise<Credentials> {
  const { user } = plan;
  const { now = Date.now } = options;
  if (user.tokenFile) return tokenFileCredentials(user.tokenFile, user.token, now);
  if (user.token || user.username || user.password) return fixedCredentials(user);
  if (user.exec) {
    const { execCredentials } = await import('./exec-credentials.ts');
    return execCredentials(user.exec, {
      plan,
      server,
      env: options.env,
      homeDir: homeFolder(options),
      now,
      note: (line) => trace.note(6, line),
    });
  }
  if (user.authProvider) {
    const { providerCredentials } = await import('./auth-provider.ts');
    return providerCredentials(user.authProvider);
  }
  return fixedCredentials(user);
}

/** One keep-alive agent, replaced when an exec plugin brings another client certificate. */
function connectionPool(server: URL, tls: TlsMaterial, proxy: string | undefined) {
  let agent: ReturnType<typeof directAgent> | undefined;
  let certificate: Buffer | undefined;
  const close = async (): Promise<void> => {
    const old = agent;
    agent = undefined;
    (await old?.catch(() => undefined))?.destroy();
  };
  const agentFor = async (proof: Proof) => {
    if (agent === undefined || proof.cert?.toString() !== certificate?.toString()) {
      await close();
      certificate = proof.cert;
      const material = proof.cert && proof.key ? { ...tls, cert: proof.cert, key: proof.key } : tls;
      agent =
        proxy === undefined
          ? directAgent(server, material)
          : import('./proxy-agent.ts').then((module) => module.proxyAgent(server, proxy, material));
    }
    return await agent;
  };
  return { agentFor, close };
}
