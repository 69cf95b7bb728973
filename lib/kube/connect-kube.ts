/** The way into the cluster: kubeconfig, credentials, proxy and transport, put together as kubectl would. */

import { maskUserInfo } from '../core/values/mask.ts';
import { environmentProxy } from '../net/proxy.ts';
import type { Kube } from '../ports.ts';
import { KubeClient } from './api/client.ts';
import { onceEach } from './api/server-warnings.ts';
import { Transport } from './api/transport.ts';
import { credentialsOf } from './auth/credentials-of.ts';
import { impersonationHeaders } from './auth/impersonation-headers.ts';
import type { ConnectionFlags } from './config/connection-flag-values.ts';
import { resolveConnection } from './config/connection-resolve.ts';
import { connectionProblems, refuseExecVersion, refuseProblems } from './config/connection-validate.ts';
import { homeFolder, loadKubeconfig } from './config/kubeconfig-load.ts';
import { parseServerUrl } from './config/server-url.ts';
import { connectionPool } from './wire/connection-pool.ts';
import { HttpTrace } from './wire/http-trace.ts';
import { readTlsMaterial, refuseUnusableCa } from './wire/read-tls-material.ts';
import { CONNECT_TIMEOUT_MS } from './wire/send-request.ts';
import { userAgent } from './wire/user-agent.ts';

export type { ConnectionFlags } from './config/connection-flag-values.ts';

export interface ConnectKubeOptions {
  flags: ConnectionFlags;
  env: Record<string, string | undefined>;
  /** Diagnostics in klog levels: 6 = requests, 7 = headers, 8 = bodies; secrets are masked. */
  trace?: (level: number, line: string) => void;
  /** The highest level that anybody reads; higher ones are not made. Default: all. */
  verbosity?: number;
  /** The server's Warning headers, each text once, and kubeconfig trouble; bare text without a prefix. */
  warn?: (line: string) => void;
  /** Whether a credential plugin may ask the user; default: when stdin is a terminal. */
  interactive?: boolean | undefined;
  /** Default: `kubectl-zeroloss/v0 (OS/ARCH)`. */
  userAgent?: string;
  /** Default: kubectl-zeroloss. */
  fieldManager?: string;
  /** Where `.kube/config` is looked for; default $HOME. */
  homeDir?: string;
  now?: () => number;
  /** Waits for Retry-After and for a server that does not answer; default: real time. */
  sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Spreads the pauses of many clients; default Math.random. */
  random?: () => number;
  /** How long a request is tried again while the server does not answer; default 0: not at all. --request-timeout overrides it. */
  patienceMs?: number;
  /** A line about a server that does not answer, once per outage. */
  tell?: (line: string) => void;
  /** Bounds everything up to a connection that can be used; default 30 s. */
  connectTimeoutMs?: number;
  /** Silence after which a watch is taken for dead; default 330 s. */
  watchSilenceMs?: number;
  /** Silence after which an exec is taken for dead; default 30 s. */
  execSilenceMs?: number;
  /** Where a pod's service account is mounted; default as the kubelet does it. */
  serviceAccountFolder?: string;
}

export type ConnectedKube = Kube & {
  readonly context: string;
  readonly serverUrl: string;
  /** By the same connections, in another namespace. */
  within(namespace: string): Kube;
  close(): Promise<void>;
};

/**
 * A Kube for the cluster that kubectl would talk to with the same flags, environment and files.
 * Reads files only; the first network call is the caller's. Throws ConnectionError for a configuration kubectl would refuse.
 */
export async function connectKube(options: ConnectKubeOptions): Promise<ConnectedKube> {
  const { flags, env, now = Date.now, warn = () => undefined } = options;
  const homeDir = homeFolder(options);
  const loaded = await loadKubeconfig({
    explicitFile: flags.kubeconfig,
    env,
    homeDir,
    warn: options.warn,
  });
  const { plan, namespace } = await resolveConnection(loaded, flags, env, options.serviceAccountFolder);
  const { material: tls, problems } = await readTlsMaterial(plan);
  refuseProblems([...connectionProblems(plan), ...problems]);
  refuseExecVersion(plan);
  refuseUnusableCa(tls, plan.clusterName);
  const server = parseServerUrl(plan.cluster.server ?? '', Object.keys(tls).length > 0);
  const proxy = plan.cluster.proxyUrl || environmentProxy(server, env);
  const trace = new HttpTrace(options.trace, options.verbosity);
  const pool = connectionPool(server, tls, proxy);
  const transport = new Transport({
    server,
    credentials: await credentialsOf({
      ...{ plan, server, env, homeDir, now },
      interactive: options.interactive,
      note: (line) => trace.note(6, line),
      warn,
    }),
    agentFor: pool.agentFor,
    headers: {
      'User-Agent': options.userAgent ?? userAgent('0'),
      ...(server.protocol === 'https:' && impersonationHeaders(plan.user)),
    },
    via: proxy && maskUserInfo(proxy),
    compression: !plan.cluster.disableCompression,
    connectTimeoutMs: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    requestTimeoutMs: flags.requestTimeoutMs ?? 0,
    trace,
    warnings: onceEach(warn),
    sleep: options.sleep ?? pause,
    now,
    random: options.random ?? Math.random,
    patienceMs: options.patienceMs ?? 0,
    tell: options.tell ?? (() => undefined),
  });
  const within = (namespace: string) =>
    new KubeClient(transport, {
      namespace,
      fieldManager: options.fieldManager ?? 'kubectl-zeroloss',
      watchSilenceMs: options.watchSilenceMs,
      execSilenceMs: options.execSilenceMs,
    });
  return Object.assign(within(namespace), { context: plan.context, serverUrl: server.href, within, close: pool.close });
}

/** Loaded when there is something to wait for. */
async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  const { setTimeout: elapse } = await import('node:timers/promises');
  await elapse(ms, undefined, signal ? { signal } : {});
}
