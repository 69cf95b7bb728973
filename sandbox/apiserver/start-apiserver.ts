/** Starts the sandbox's API server: HTTPS on loopback, state in memory, credentials in `stateDir`. */
import { join } from 'node:path';
import { SERVICES } from '../../lib/ports/resources.ts';
import type { Running } from '../common/running.ts';
import type { ServerContext } from './api-exchange.ts';
import { MASTERS, Tokens } from './auth/identity.ts';
import { bootstrap } from './bootstrap.ts';
import { handleRequest } from './handler.ts';
import { type HttpsListener, listenHttps } from './https-server.ts';
import { followNamespaces } from './namespace-lifecycle.ts';
import { type Authority, authorityFile, openAuthority, writePrivate } from './pki/authority.ts';
import type { KeyPair } from './pki/certificate.ts';
import { KubeletConnection } from './proxy/kubelet-connection.ts';
import { ServiceAddresses } from './rest/write/service-addresses.ts';
import { Store } from './store/store.ts';
import { userKubeconfigs } from './user-kubeconfigs.ts';

export interface ApiServerOptions {
  /** Where the authority, the kubelet client's certificate and the kubeconfigs are kept; made if missing, mode 0700. */
  stateDir: string;
  /** Address to listen on; 127.0.0.1. */
  host?: string;
  /** 0, the default, takes a free one. */
  port?: number;
  /** The cluster's clock, in milliseconds since the epoch; certificates use the real one. */
  now?: () => number;
  /** The namespace of the admin's context, created at start; `default`. */
  namespace?: string;
  /** Changes remembered per resource before a watch's version expires; 4096. */
  historyLength?: number;
}

export interface KubeconfigOptions {
  /** The context's namespace; the server's own by default. */
  namespace?: string;
  /** How the user proves who they are; `token` by default. */
  credential?: 'token' | 'certificate';
}

export interface ApiServer extends Running {
  /** https://HOST:PORT */
  url: string;
  caFile: string;
  /** The administrator's kubeconfig (client certificate), mode 0600, current-context `zeroloss-sandbox`. */
  kubeconfigFile: string;
  /** Writes a kubeconfig (0600) for another user, who may do what RBAC says; answers its path. */
  kubeconfigFor(user: string, groups?: readonly string[], options?: KubeconfigOptions): Promise<string>;
  stop(): Promise<void>;
}

/** Resolves when the server answers; rejects when it cannot listen or cannot write `stateDir`. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { stateDir, host = '127.0.0.1', port = 0 } = options;
  const authority = await openAuthority(stateDir);
  const kubelets = new KubeletConnection(await kubeletClient(stateDir, authority), authority.certificate);
  const names = [...new Set(['localhost', '127.0.0.1', '::1', 'kubernetes.default.svc', host])];
  const certificate = await authority.issueServer('kube-apiserver', names);
  const listener = await listenHttps({ host, port }, certificate, authority.certificate);
  try {
    return await serveCluster(options, authority, listener, kubelets);
  } catch (error) {
    await listener.close();
    throw error;
  }
}

async function serveCluster(
  { stateDir, namespace = 'default', now = Date.now, historyLength }: ApiServerOptions,
  authority: Authority,
  listener: HttpsListener,
  kubelets: KubeletConnection,
): Promise<ApiServer> {
  const store = new Store(historyLength);
  const tokens = new Tokens();
  const addresses = new ServiceAddresses(() => store.table(SERVICES).list(undefined));
  const context: ServerContext = { store, now, addresses, tokens, kubelets, address: listener.address };
  bootstrap(context, namespace);
  const unfollow = followNamespaces(context);
  listener.serve((request, response, upgrade) => handleRequest(context, request, response, upgrade));
  const url = `https://${listener.address}`;
  const write = userKubeconfigs(stateDir, url, authority, tokens);
  const admin = { file: 'kubeconfig', user: 'admin', groups: [MASTERS], credential: 'certificate' } as const;
  let written = 0;
  return {
    url,
    caFile: authorityFile(stateDir),
    kubeconfigFile: await write({ ...admin, namespace }),
    kubeconfigFor: (user, groups = [], { namespace: inNamespace = namespace, credential = 'token' } = {}) => {
      written += 1;
      const file = `kubeconfig-${written}-${user.replaceAll(/[^\w.-]/g, '_')}`;
      return write({ file, user, groups, namespace: inNamespace, credential });
    },
    stop: async () => {
      unfollow();
      kubelets.close();
      await listener.close();
    },
  };
}

/** The certificate that kubelets see; kept in the state directory for a look at it, and for kubelets outside of this process. */
async function kubeletClient(stateDir: string, authority: Authority): Promise<KeyPair> {
  const client = await authority.issueClient('kube-apiserver-kubelet-client', [MASTERS]);
  await writePrivate(join(stateDir, 'kubelet-client.crt'), client.cert);
  await writePrivate(join(stateDir, 'kubelet-client.key'), client.key);
  return client;
}
