/** One request on its way through the server, and what the whole server shares. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Tokens, UserIdentity } from './auth/identity.ts';
import type { ServedResource } from './catalogue.ts';
import type { ResourceRequest } from './http/request-info.ts';
import type { KubeletConnection } from './proxy/kubelet-connection.ts';
import type { RestCluster } from './rest/rest-cluster.ts';

export interface ServerContext extends RestCluster {
  readonly tokens: Tokens;
  readonly kubelets: KubeletConnection;
  /** host:port, as discovery shows it to clients. */
  readonly address: string;
}

/** The connection of a request that asks for another protocol. */
export interface Upgrade {
  socket: Duplex;
  head: Buffer;
}

/** An authenticated and authorized request about a resource that is served. */
export interface ApiExchange {
  server: ServerContext;
  request: IncomingMessage;
  response: ServerResponse;
  info: ResourceRequest;
  query: URLSearchParams;
  resource: ServedResource;
  identity: UserIdentity;
  upgrade: Upgrade | undefined;
}
