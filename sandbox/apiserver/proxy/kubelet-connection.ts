/** Calls from the API server to the kubelet of a pod's node: HTTPS, with the server's own client certificate. */

import type { ClientRequest } from 'node:http';
import { Agent, type RequestOptions, request } from 'node:https';
import { NODES } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { asMap, asMaps, asText } from '../../semantics/json.ts';
import { badRequest, internalError, notFound } from '../http/api-error.ts';
import type { KeyPair } from '../pki/certificate.ts';
import type { Store } from '../store/store.ts';

/** Where a node's kubelet listens. */
export interface KubeletAddress {
  host: string;
  port: number;
}

/** The kubelet of a node, by its InternalIP and daemonEndpoints. Throws 404 without the node, 500 while it has no address. */
export function findKubelet(store: Store, nodeName: string): KubeletAddress {
  const node = store.get(NODES, undefined, nodeName);
  if (node === undefined) throw notFound({ group: '', name: 'nodes' }, nodeName);
  const status = asMap(node['status']);
  const host = asMaps(status['addresses']).find(({ type }) => type === 'InternalIP')?.['address'];
  const port = asMap(asMap(status['daemonEndpoints'])['kubeletEndpoint'])['Port'];
  if (typeof host !== 'string' || typeof port !== 'number') {
    throw internalError(`no preferred addresses found; known addresses: ${JSON.stringify(status['addresses'] ?? [])}`);
  }
  return { host, port };
}

/** One client for all kubelets; close it when the server stops. */
export class KubeletConnection {
  readonly #agent: Agent;
  readonly #tls: { key: string; cert: string; ca: string };

  constructor(client: KeyPair, authority: string) {
    this.#tls = { ...client, ca: authority };
    this.#agent = new Agent({ keepAlive: true, ...this.#tls });
  }

  /** A request that the caller ends; an upgraded one gets a connection of its own. */
  open(
    { host, port }: KubeletAddress,
    path: string,
    options: Pick<RequestOptions, 'method' | 'headers'>,
  ): ClientRequest {
    const upgrades = Object.keys(options.headers ?? {}).some((name) => name.toLowerCase() === 'upgrade');
    return request({
      host,
      port,
      path,
      ...options,
      ...(upgrades ? { ...this.#tls, agent: false } : { agent: this.#agent }),
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** The one container of a pod, or the one asked for. Throws 400 when it must be named, or is not there. */
export function chooseContainer(pod: KubeObject, asked: string): string {
  const spec = asMap(pod['spec']);
  const names = asMaps(spec['containers']).map(({ name }) => asText(name));
  const { name } = pod.metadata;
  if (asked === '') {
    const [only, ...others] = names;
    if (only !== undefined && others.length === 0) return only;
    throw badRequest(`a container name must be specified for pod ${name}, choose one of: [${names.join(' ')}]`);
  }
  const others = [...asMaps(spec['initContainers']), ...asMaps(spec['ephemeralContainers'])];
  if ([...names, ...others.map((container) => asText(container['name']))].includes(asked)) return asked;
  throw badRequest(`container ${asked} is not valid for pod ${name}`);
}
