/** The fake API server's memory: the sandbox's own store and watches, as a client sees them without a wire between. */

import { CONFIG_MAPS } from '../../../lib/ports/resources.ts';
import type { KubeObject, ListOptions, Resource, WatchEvent, WatchOptions } from '../../../lib/ports.ts';
import { findServed, resourceKey, type ServedResource, servedAs } from '../../../sandbox/apiserver/catalogue.ts';
import { type ListSelection, parseSelection } from '../../../sandbox/apiserver/rest/read/list-selection.ts';
import { startWatch, type WatchReceiver } from '../../../sandbox/apiserver/rest/read/watch-objects.ts';
import { Store as SandboxStore } from '../../../sandbox/apiserver/store/store.ts';
import { watchQueue } from './watch-queue.ts';

/** As the sandbox serves it; a kind that it does not serve is as plain as a ConfigMap. */
const served = (resource: Resource): ServedResource =>
  findServed(resource.group, resource.version, resource.plural) ?? { ...servedAs(CONFIG_MAPS), ...resource };

function selectionOf(resource: Resource, namespace: string | undefined, options: ListOptions): ListSelection {
  const query = new URLSearchParams();
  if (options.labelSelector !== undefined) query.set('labelSelector', options.labelSelector);
  if (options.fieldSelector !== undefined) query.set('fieldSelector', options.fieldSelector);
  return parseSelection(served(resource), { namespace }, query);
}

export class Store {
  readonly #store = new SandboxStore();
  readonly #resources = new Map<string, Resource>();
  readonly #watches = new Set<() => void>();
  readonly #writes = new Map<string, number>();
  #expiredBefore = 0;

  get version(): string {
    return String(this.#store.resourceVersion);
  }

  get(resource: Resource, namespace: string, name: string): KubeObject | undefined {
    return this.#store.get(resource, resource.namespaced ? namespace : undefined, name);
  }

  /** Those that are selected; `namespace` undefined: of all namespaces. */
  list(resource: Resource, namespace?: string, options: ListOptions = {}): readonly KubeObject[] {
    const selection = selectionOf(resource, namespace, options);
    return this.#store.table(resource).list(selection.namespace).filter(selection.matches);
  }

  everything(): { resource: Resource; object: KubeObject }[] {
    return [...this.#resources.values()].flatMap((resource) =>
      this.#store
        .table(resource)
        .list(undefined)
        .map((object) => ({ resource, object })),
    );
  }

  /** Stores an object under the next resourceVersion and answers what was stored, which must not be changed. */
  put(resource: Resource, object: KubeObject): KubeObject {
    this.#count(resource);
    this.#resources.set(resourceKey(resource), resource);
    return this.#store.put(resource, object);
  }

  remove(resource: Resource, object: KubeObject): KubeObject {
    this.#count(resource);
    return this.#store.remove(resource, object);
  }

  /** How many writes of this resource there have been. */
  writesOf(resource: Resource): number {
    return this.#writes.get(resourceKey(resource)) ?? 0;
  }

  #count(resource: Resource): void {
    this.#writes.set(resourceKey(resource), this.writesOf(resource) + 1);
  }

  /** From now on a watch that starts at an older version gets 410 Expired. */
  expire(): void {
    this.#expiredBefore = this.#store.resourceVersion;
  }

  /** Ends every open watch, as a server does after a while. */
  closeWatches(): void {
    for (const end of [...this.#watches]) end();
  }

  /** Events after `options.resourceVersion`; without one, or from '0', first ADDED for everything there is. */
  watch(resource: Resource, namespace: string | undefined, options: WatchOptions): AsyncIterable<WatchEvent> {
    const from = Number(options.resourceVersion ?? '0');
    if (from > 0 && from < this.#expiredBefore) return expiredWatch(from, this.#expiredBefore);
    const selection = selectionOf(resource, namespace, options);
    const query = new URLSearchParams({ resourceVersion: String(from) });
    const start = (receiver: WatchReceiver) =>
      startWatch(this.#store, served(resource), selection, query, {
        ...receiver,
        event: (type, object) => receiver.event(type, structuredClone(object)),
      });
    return watchQueue(start, this.#watches, options.signal);
  }
}

async function* expiredWatch(from: number, oldest: number): AsyncIterable<WatchEvent> {
  const message = `too old resource version: ${from} (${oldest})`;
  yield { type: 'ERROR', object: { kind: 'Status', status: 'Failure', code: 410, reason: 'Expired', message } };
}
