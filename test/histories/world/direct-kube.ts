/** The Kube port of the cluster's own controllers: straight to the API server, without faults of the network. */
import { ConnectionError } from '../../../lib/core/errors.ts';
import { resourcePath } from '../../../lib/kube/api/paths.ts';
import { statusErrorFrom } from '../../../lib/kube/wire/status-error.ts';
import type { DeleteOptions, Kube, KubeObject, Resource, WatchEvent, WatchOptions } from '../../../lib/ports.ts';
import { servedAs } from '../../../sandbox/apiserver/catalogue.ts';
import { startWatch, type WatchReceiver } from '../../../sandbox/apiserver/rest/read/watch-objects.ts';
import { watchQueue } from '../../fakes/api/watch-queue.ts';
import { type ApiServer, NAMESPACE } from './api-server.ts';

const PATCHES = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

export class DirectKube implements Kube {
  readonly namespace = NAMESPACE;
  readonly #api: ApiServer;
  readonly #token: string;
  readonly #watches = new Set<() => void>();
  #expired = false;

  constructor(api: ApiServer, token: string) {
    this.#api = api;
    this.#token = token;
  }

  /** Ends every watch as an API server does that has restarted: the versions that they were at have expired. */
  expireWatches(): void {
    this.#expired = true;
    for (const end of [...this.#watches]) end();
  }

  async get(resource: Resource, name: string): Promise<KubeObject> {
    return this.#api.get(resource, name) ?? this.#send('GET', resource, { name });
  }

  async list(resource: Resource) {
    this.#expired = false;
    return {
      metadata: { resourceVersion: String(this.#api.store.resourceVersion) },
      items: [...this.#api.list(resource)],
    };
  }

  create(resource: Resource, object: object, options: { name?: string; subresource?: string } = {}) {
    const name = options.subresource === undefined ? undefined : options.name;
    return this.#send('POST', resource, { ...options, name, body: object });
  }

  patch(
    resource: Resource,
    name: string,
    patch: object,
    { type, subresource }: { type: keyof typeof PATCHES; subresource?: string },
  ): Promise<KubeObject> {
    return this.#send('PATCH', resource, { name, subresource, body: patch, contentType: PATCHES[type] });
  }

  async delete(resource: Resource, name: string, { uid, gracePeriodSeconds }: DeleteOptions): Promise<void> {
    const body = {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      ...(uid === undefined ? {} : { preconditions: { uid } }),
      ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    };
    await this.#send('DELETE', resource, { name, body });
  }

  watch(resource: Resource, { resourceVersion = '0', signal }: WatchOptions): AsyncIterable<WatchEvent> {
    if (this.#expired) return expiredWatch();
    const selection = { namespace: undefined, name: undefined, everything: true, matches: () => true };
    const query = new URLSearchParams({ resourceVersion });
    const start = (receiver: WatchReceiver) =>
      startWatch(this.#api.store, servedAs(resource), selection, query, receiver);
    return watchQueue(start, this.#watches, signal);
  }

  exec(): Promise<never> {
    return Promise.reject(new ConnectionError('controllers do not exec'));
  }

  getText(): Promise<never> {
    return Promise.reject(new ConnectionError('controllers read objects'));
  }

  async #send(
    method: string,
    resource: Resource,
    {
      name,
      subresource,
      body,
      contentType = 'application/json',
    }: { name?: string | undefined; subresource?: string | undefined; body?: object; contentType?: string },
  ): Promise<KubeObject> {
    const url = resourcePath(resource, { namespace: NAMESPACE, name, subresource });
    const answer = await this.#api.answer({
      method,
      url: `${url}?fieldManager=kube-controller-manager`,
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': contentType },
      body: body === undefined ? undefined : Buffer.from(JSON.stringify(body)),
    });
    const text = answer.body.toString('utf8');
    if (answer.status >= 300) throw statusErrorFrom({ status: answer.status, text, request: `${method} ${url}` });
    return JSON.parse(text) as KubeObject;
  }
}

async function* expiredWatch(): AsyncIterable<WatchEvent> {
  yield { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } };
}
