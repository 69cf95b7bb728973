/** The objects of one resource, by namespace and name, with its history and its watchers. */
import type { KubeObject } from '../../../lib/ports.ts';
import { type Change, History } from './event-history.ts';

export type ChangeListener = (change: Change) => void;

/** Cluster-scoped objects live under this namespace. */
export const CLUSTER_SCOPE = '';

export class ResourceTable {
  readonly history: History;
  readonly #namespaces = new Map<string, Map<string, KubeObject>>();
  readonly #names = new Map<string, readonly string[]>();
  readonly #lists = new Map<string, readonly KubeObject[]>();
  readonly #listeners = new Map<string | undefined, Set<ChangeListener>>();
  #everything: readonly KubeObject[] | undefined;

  constructor(historyCapacity: number) {
    this.history = new History(historyCapacity);
  }

  get(namespace: string, name: string): KubeObject | undefined {
    return this.#namespaces.get(namespace)?.get(name);
  }

  /** All objects of one namespace, or of all when undefined, sorted by namespace and name; a fresh array only after a change. */
  list(namespace: string | undefined): readonly KubeObject[] {
    if (namespace === undefined) {
      this.#everything ??= [...this.#namespaces.keys()].sort(byText).flatMap((each) => this.list(each));
      return this.#everything;
    }
    let list = this.#lists.get(namespace);
    if (list === undefined) {
      list = this.#sortedNames(namespace).flatMap((name) => this.get(namespace, name) ?? []);
      this.#lists.set(namespace, list);
    }
    return list;
  }

  /** Kept across modifications, which are far more frequent than additions and deletions. */
  #sortedNames(namespace: string): readonly string[] {
    let names = this.#names.get(namespace);
    if (names === undefined) {
      names = [...(this.#namespaces.get(namespace)?.keys() ?? [])].sort(byText);
      this.#names.set(namespace, names);
    }
    return names;
  }

  /** Records a change and passes it to every listener, in the order of the versions. */
  commit(change: Change): void {
    const { namespace = CLUSTER_SCOPE, name } = change.object.metadata;
    const objects = this.#namespaces.get(namespace) ?? new Map<string, KubeObject>();
    this.#namespaces.set(namespace, objects);
    if (change.type === 'DELETED') objects.delete(name);
    else objects.set(name, change.object);
    if (change.type !== 'MODIFIED') this.#names.delete(namespace);
    this.#lists.delete(namespace);
    this.#everything = undefined;
    this.history.add(change);
    for (const listener of this.#listeners.get(undefined) ?? []) listener(change);
    for (const listener of this.#listeners.get(namespace) ?? []) listener(change);
  }

  /** Calls `listener` on every later change in `namespace` (undefined: everywhere) until the returned function is called. */
  subscribe(namespace: string | undefined, listener: ChangeListener): () => void {
    const listeners = this.#listeners.get(namespace) ?? new Set<ChangeListener>();
    this.#listeners.set(namespace, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }
}

/** Byte order, as etcd sorts its keys. */
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
