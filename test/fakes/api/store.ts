/** The fake API server's memory: objects, one global resourceVersion, and the history that watches read. */
import type { KubeObject, Resource, WatchEvent, WatchOptions } from '../../../lib/ports.ts';
import { matchesFields, matchesLabels } from './selectors.ts';

interface Change {
  version: number;
  resource: Resource;
  before: KubeObject | undefined;
  after: KubeObject | undefined;
}

const same = (a: Resource, b: Resource): boolean => a.group === b.group && a.plural === b.plural;

export class Store {
  readonly #objects = new Map<string, { resource: Resource; object: KubeObject }>();
  readonly #history: Change[] = [];
  readonly #wake = new Set<() => void>();
  #version = 1000;
  #expiredBefore = 0;
  #epoch = 0;

  get version(): string {
    return String(this.#version);
  }

  get(resource: Resource, namespace: string, name: string): KubeObject | undefined {
    return this.#objects.get(this.#key(resource, namespace, name))?.object;
  }

  list(resource: Resource): KubeObject[] {
    return this.everything()
      .filter((entry) => same(entry.resource, resource))
      .map((entry) => entry.object);
  }

  everything(): { resource: Resource; object: KubeObject }[] {
    return [...this.#objects.values()];
  }

  /** Stores an object, or with `after` undefined removes it, under the next resourceVersion. */
  write(resource: Resource, before: KubeObject | undefined, after: KubeObject | undefined): void {
    const object = after ?? structuredClone(before);
    if (object === undefined) throw new Error('a change needs an object');
    this.#version += 1;
    object.metadata.resourceVersion = this.version;
    const key = this.#key(resource, object.metadata.namespace ?? '', object.metadata.name);
    if (after === undefined) this.#objects.delete(key);
    else this.#objects.set(key, { resource, object });
    // A DELETED event carries the version of the deletion, as the real server's does.
    this.#history.push({ version: this.#version, resource, before: after === undefined ? object : before, after });
    this.#wakeAll();
  }

  /** From now on a watch that starts at an older version is told 410 Expired. */
  expire(): void {
    this.#expiredBefore = this.#version;
  }

  /** Ends every open watch, as a server does after a while. */
  closeWatches(): void {
    this.#epoch += 1;
    this.#wakeAll();
  }

  /** Events after `options.resourceVersion`; without one, or from '0', first ADDED for everything there is. */
  async *watch(resource: Resource, namespace: string | undefined, options: WatchOptions): AsyncIterable<WatchEvent> {
    const selected = (object: KubeObject | undefined): boolean =>
      object !== undefined &&
      (namespace === undefined || object.metadata.namespace === namespace) &&
      matchesLabels(object, options.labelSelector) &&
      matchesFields(object, options.fieldSelector);
    const epoch = this.#epoch;
    let from = Number(options.resourceVersion ?? '0');
    if (from === 0) {
      from = this.#version;
      const present = structuredClone(this.list(resource).filter(selected));
      for (const object of present) yield { type: 'ADDED', object };
    } else if (from < this.#expiredBefore) {
      const message = `too old resource version: ${from} (${this.#expiredBefore})`;
      yield { type: 'ERROR', object: { kind: 'Status', status: 'Failure', code: 410, reason: 'Expired', message } };
      return;
    }
    for (;;) {
      if (options.signal?.aborted || epoch !== this.#epoch) return;
      const next = this.#history.find((change) => change.version > from && same(change.resource, resource));
      if (next === undefined) {
        await this.#change(options.signal);
        continue;
      }
      from = next.version;
      const type = selected(next.after)
        ? selected(next.before)
          ? 'MODIFIED'
          : 'ADDED'
        : selected(next.before)
          ? 'DELETED'
          : undefined;
      const object = next.after ?? next.before;
      if (type !== undefined && object !== undefined) yield { type, object: structuredClone(object) };
    }
  }

  #key(resource: Resource, namespace: string, name: string): string {
    return `${resource.group}/${resource.plural}/${resource.namespaced ? namespace : ''}/${name}`;
  }

  #change(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#wake.delete(done);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      this.#wake.add(done);
      signal?.addEventListener('abort', done);
    });
  }

  #wakeAll(): void {
    for (const wake of [...this.#wake]) wake();
  }
}
