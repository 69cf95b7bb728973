/**
 * A local copy of one resource, kept by list and watch: it watches on after the server closes the stream,
 * and lists again after 410 or a failure, telling the handlers of every difference.
 */
import { isDeepStrictEqual } from 'node:util';
import { StatusError } from '../../lib/core/errors.ts';
import type { Clock, Kube, KubeObject, ListOptions, Resource } from '../../lib/ports.ts';
import type { Running } from './running.ts';
import { systemClock } from './system-clock.ts';

export interface InformerHandlers {
  /** A new or changed object. It belongs to the cache: do not change it. */
  onUpsert(object: KubeObject): void;
  /** The last state known of an object that is gone, also when another of the same name took its place. */
  onDelete(object: KubeObject): void;
}

export interface InformerSettings {
  /** Wait after a failed list or watch, and after a watch that ended without an event. Default 200. */
  retryDelayMs?: number;
  onError?: (error: unknown) => void;
  clock?: Clock;
}

export interface Informer extends Running {
  /** Resolves after the first list has been handed to the handlers; rejects when stopped before. */
  readonly synced: Promise<void>;
  list(): KubeObject[];
  get(namespace: string, name: string): KubeObject | undefined;
}

/** `namespace/name`, or the name alone for what has no namespace: the key of caches and work queues. */
export function keyOf(object: KubeObject): string {
  const { namespace, name } = object.metadata;
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** The two parts of a `keyOf` key; the namespace is '' for what has none. */
export function splitKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, Math.max(0, slash)), name: key.slice(slash + 1) };
}

/** Starts list and watch; `options` select what is copied (`namespace: '*'` for all). */
export function startInformer(
  kube: Kube,
  resource: Resource,
  options: ListOptions,
  handlers: InformerHandlers,
  { retryDelayMs = 200, onError, clock = systemClock }: InformerSettings = {},
): Informer {
  const stopping = new AbortController();
  const { signal } = stopping;
  const cache = new Map<string, KubeObject>();
  const synced = Promise.withResolvers<void>();
  synced.promise.catch(() => undefined); // No one need wait for it.

  const remove = (key: string): void => {
    const known = cache.get(key);
    cache.delete(key);
    if (known) handlers.onDelete(known);
  };

  const upsert = (object: KubeObject): void => {
    const key = keyOf(object);
    const known = cache.get(key);
    if (known && known.metadata.uid !== object.metadata.uid) remove(key);
    else if (known && isDeepStrictEqual(known, object)) return;
    cache.set(key, object);
    handlers.onUpsert(object);
  };

  const listAll = async (): Promise<string | undefined> => {
    const { items, metadata } = await kube.list(resource, { ...options, signal });
    const present = new Set(items.map(keyOf));
    for (const key of [...cache.keys()]) if (!present.has(key)) remove(key);
    for (const object of items) upsert(object);
    synced.resolve();
    return metadata.resourceVersion;
  };

  /** Follows one stream to its end; returns where to go on, undefined to list again. */
  const follow = async (from: string | undefined): Promise<{ version: string | undefined; events: number }> => {
    let version = from;
    let events = 0;
    const start = from === undefined ? {} : { resourceVersion: from };
    for await (const event of kube.watch(resource, { ...options, ...start, signal })) {
      if (event.type === 'ERROR') return { version: undefined, events };
      events += 1;
      version = event.object.metadata.resourceVersion ?? version;
      if (event.type === 'DELETED') {
        cache.set(keyOf(event.object), event.object);
        remove(keyOf(event.object));
      } else if (event.type !== 'BOOKMARK') upsert(event.object);
    }
    return { version, events };
  };

  const run = async (): Promise<void> => {
    let version: string | undefined;
    while (!signal.aborted) {
      let quiet = false;
      try {
        version ??= await listAll();
        const end = await follow(version);
        version = end.version;
        quiet = end.events === 0;
      } catch (error) {
        if (signal.aborted) break;
        // Expired is the server's normal way to ask for a new list.
        if (!(error instanceof StatusError && error.httpStatus === 410)) onError?.(error);
        version = undefined;
        quiet = true;
      }
      if (quiet) await clock.sleep(retryDelayMs, signal).catch(() => undefined);
    }
  };

  const ended = run();
  return {
    synced: synced.promise,
    list: () => [...cache.values()],
    get: (namespace, name) => cache.get(namespace === '' ? name : `${namespace}/${name}`),
    async stop() {
      stopping.abort(new Error('the informer was stopped'));
      synced.reject(new Error('the informer was stopped before its first list'));
      await ended;
    },
  };
}
