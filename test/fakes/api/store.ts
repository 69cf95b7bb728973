/** The fake API server's memory: the sandbox's own store and watches, as a client sees them without a wire between. */

import { CONFIG_MAPS } from '../../../lib/ports/resources.ts';
import type { KubeObject, ListOptions, Resource, WatchEvent, WatchOptions } from '../../../lib/ports.ts';
import { findServed, resourceKey, type ServedResource, servedAs } from '../../../sandbox/apiserver/catalogue.ts';
import { type ListSelection, parseSelection } from '../../../sandbox/apiserver/rest/read/list-selection.ts';
import { startWatch } from '../../../sandbox/apiserver/rest/read/watch-objects.ts';
import { Store as SandboxStore } from '../../../sandbox/apiserver/store/store.ts';

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
    this.#resources.set(resourceKey(resource), resource);
    return this.#store.put(resource, object);
  }

  remove(resource: Resource, object: KubeObject): KubeObject {
    return this.#store.remove(resource, object);
  }

  /** From now on a watch that starts at an older version is told 410 Expired. */
  expire(): void {
    this.#expiredBefore = this.#store.resourceVersion;
  }

  /** Ends every open watch, as a server does after a while. */
  closeWatches(): void {
    for (const end of [...this.#watches]) end();
  }

  /** Events after `options.resourceVersion`; without one, or from '0', first ADDED for everything there is. */
  async *watch(resource: Resource, namespace: string | undefined, options: WatchOptions): AsyncIterable<WatchEvent> {
    const from = Number(options.resourceVersion ?? '0');
    if (from > 0 && from < this.#expiredBefore) {
      const message = `too old resource version: ${from} (${this.#expiredBefore})`;
      yield { type: 'ERROR', object: { kind: 'Status', status: 'Failure', code: 410, reason: 'Expired', message } };
      return;
    }
    const queue: WatchEvent[] = [];
    let open = true;
    let wake = (): void => undefined;
    const end = (): void => {
      open = false;
      wake();
    };
    const add = (event: WatchEvent): void => {
      queue.push(event);
      wake();
    };
    const stop = startWatch(
      this.#store,
      served(resource),
      selectionOf(resource, namespace, options),
      new URLSearchParams({ resourceVersion: String(from) }),
      {
        event: (type, object) => add({ type, object }),
        bookmark: () => undefined,
        error: (status) => add({ type: 'ERROR', object: { ...status } }),
        end,
      },
    );
    this.#watches.add(end);
    options.signal?.addEventListener('abort', end);
    try {
      if (options.signal?.aborted) return;
      for (;;) {
        for (let event = queue.shift(); event !== undefined; event = queue.shift()) {
          if (!open) return;
          yield structuredClone(event);
        }
        if (!open) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      stop();
      this.#watches.delete(end);
      options.signal?.removeEventListener('abort', end);
    }
  }
}
