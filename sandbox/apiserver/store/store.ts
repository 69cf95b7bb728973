/** The cluster's state in memory: one global resourceVersion, one table per resource, every write a numbered change. */
import type { KubeObject, Resource } from '../../../lib/ports.ts';
import { resourceKey } from '../catalogue.ts';
import { freezeDeep } from './frozen.ts';
import { CLUSTER_SCOPE, ResourceTable } from './object-table.ts';

/** Changes remembered per resource; a watch from before them gets the error that its version has expired. */
const DEFAULT_HISTORY = 4096;

/** Writes are synchronous, so a read and the write that follows it in the same turn cannot be torn apart. */
export class Store {
  readonly #tables = new Map<string, ResourceTable>();
  readonly #historyCapacity: number;
  #resourceVersion = 1;

  constructor(historyCapacity: number = DEFAULT_HISTORY) {
    this.#historyCapacity = historyCapacity;
  }

  /** The version of the latest write anywhere. */
  get resourceVersion(): number {
    return this.#resourceVersion;
  }

  table(resource: Resource): ResourceTable {
    const key = resourceKey(resource);
    let table = this.#tables.get(key);
    if (table === undefined) {
      table = new ResourceTable(this.#historyCapacity);
      this.#tables.set(key, table);
    }
    return table;
  }

  get(resource: Resource, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.table(resource).get(namespace ?? CLUSTER_SCOPE, name);
  }

  /** Stores an object as a new version and returns what was stored. The caller has checked that it may. */
  put(resource: Resource, object: KubeObject): KubeObject {
    const table = this.table(resource);
    const previous = table.get(object.metadata.namespace ?? CLUSTER_SCOPE, object.metadata.name);
    const stored = this.#nextVersion(object);
    table.commit({
      type: previous === undefined ? 'ADDED' : 'MODIFIED',
      resourceVersion: this.#resourceVersion,
      object: stored,
      previous,
    });
    return stored;
  }

  /** Removes an object; the answer, and what watchers see, is its last state with the deletion's own version. */
  remove(resource: Resource, object: KubeObject): KubeObject {
    const last = this.#nextVersion(object);
    this.table(resource).commit({
      type: 'DELETED',
      resourceVersion: this.#resourceVersion,
      object: last,
      previous: object,
    });
    return last;
  }

  #nextVersion(object: KubeObject): KubeObject {
    this.#resourceVersion += 1;
    const metadata = { ...object.metadata, resourceVersion: String(this.#resourceVersion) };
    return freezeDeep({ ...object, metadata });
  }
}
