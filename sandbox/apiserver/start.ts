/** Starts the sandbox's API server: HTTPS on loopback, state in memory, credentials in `stateDir`. */
import { randomBytes } from 'node:crypto';
import { type IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { SERVICES } from '../../lib/resources.ts';
import type { Running } from '../running.ts';
import { AUTHENTICATED, MASTERS, Tokens } from './auth/identity.ts';
import { bootstrap } from './bootstrap.ts';
import type { ServerContext } from './exchange.ts';
import { handleRequest } from './handler.ts';
import { answerBeforeStrayBytes } from './http/stray-bytes.ts';
import { followNamespaces } from './namespace-lifecycle.ts';
import { type Authority, authorityFile, openAuthority, writePrivate } from './pki/authority.ts';
import { type Credential, renderKubeconfig } from './pki/kubeconfig.ts';
import { KubeletConnection } from './proxy/kubelet-connection.ts';
import { ServiceAddresses } from './rest/service-addresses.ts';
import { Store } from './store/store.ts';

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
  const { stateDir, host = '127.0.0.1', namespace = 'default' } = options;
  const authority = await openAuthority(stateDir);
  const tokens = new Tokens();
  const store = new Store(options.historyLength);
  const kubeletClient = authority.issueClient('kube-apiserver-kubelet-client', [MASTERS]);
  await writePrivate(join(stateDir, 'kubelet-client.crt'), kubeletClient.cert);
  await writePrivate(join(stateDir, 'kubelet-client.key'), kubeletClient.key);
  const kubelets = new KubeletConnection(kubeletClient, authority.certificate);
  const names = [...new Set(['localhost', '127.0.0.1', '::1', 'kubernetes.default.svc', host])];
  const server = createServer({
    ...authority.issueServer('kube-apiserver', names),
    ca: authority.certificate,
    requestCert: true,
    // A client without a certificate may still have a token; who has neither gets 401.
    rejectUnauthorized: false,
    keepAliveTimeout: 180_000,
  });
  const sockets = new Set<Duplex>();
  const address = await listen(server, host, options.port ?? 0);
  const context: ServerContext = {
    store,
    now: options.now ?? Date.now,
    addresses: new ServiceAddresses(() => store.table(SERVICES).list(undefined)),
    tokens,
    kubelets,
    address,
  };
  bootstrap(context, namespace);
  const unfollow = followNamespaces(context);
  serve(server, context, sockets);
  const url = `https://${address}`;
  const write = async (file: string, user: string, credential: Credential, inNamespace: string): Promise<string> => {
    const path = join(stateDir, file);
    const cluster = { url, certificateAuthority: authority.certificate };
    await writePrivate(path, renderKubeconfig({ ...cluster, user, credential, namespace: inNamespace }));
    return path;
  };
  let written = 0;
  return {
    url,
    caFile: authorityFile(stateDir),
    kubeconfigFile: await write('kubeconfig', 'admin', authority.issueClient('admin', [MASTERS]), namespace),
    kubeconfigFor: (user, groups = [], { namespace: inNamespace = namespace, credential = 'token' } = {}) => {
      written += 1;
      const file = `kubeconfig-${written}-${user.replaceAll(/[^\w.-]/g, '_')}`;
      return write(file, user, newCredential(authority, tokens, user, groups, credential), inNamespace);
    },
    stop: async () => {
      unfollow();
      kubelets.close();
      await close(server, sockets);
    },
  };
}

function newCredential(
  authority: Authority,
  tokens: Tokens,
  user: string,
  groups: readonly string[],
  kind: 'token' | 'certificate',
): Credential {
  if (kind === 'certificate') return authority.issueClient(user, groups);
  const token = randomBytes(24).toString('base64url');
  tokens.add(token, { user, groups: [...groups, AUTHENTICATED] });
  return { token };
}

function listen(server: Server, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const { address, family, port: actual } = server.address() as AddressInfo;
      resolve(family === 'IPv6' ? `[${address}]:${actual}` : `${address}:${actual}`);
    });
  });
}

function serve(server: Server, context: ServerContext, sockets: Set<Duplex>): void {
  const answer = (request: IncomingMessage, response: ServerResponse, upgrade?: { socket: Duplex; head: Buffer }) => {
    handleRequest(context, request, response, upgrade).catch(() => response.destroy());
  };
  answerBeforeStrayBytes(server);
  server.on('request', (request, response) => answer(request, response));
  server.on('upgrade', (request: IncomingMessage, socket, head) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    // A request that is not upgraded after all is answered like any other, on a connection that then ends.
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(request.socket);
    response.once('finish', () => socket.end());
    answer(request, response, { socket, head });
  });
}

function close(server: Server, sockets: ReadonlySet<Duplex>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
    for (const socket of sockets) socket.destroy();
  });
}
