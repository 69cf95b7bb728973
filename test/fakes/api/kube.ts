/**
 * An API server in memory, for tests of flows and controllers: it keeps the rules that matter to a client
 * (versions, uids, conflicts, 404/409/410/422), records every call, and misbehaves on request.
 */

import { ConnectionError } from '../../../lib/core/errors.ts';
import { SELF_SUBJECT_ACCESS_REVIEWS } from '../../../lib/ports/resources.ts';
import type {
  CallOptions,
  DeleteOptions,
  ExecOptions,
  ExecResult,
  Kube,
  KubeList,
  KubeObject,
  ListOptions,
  PatchType,
  Resource,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from '../../../lib/ports.ts';
import { scaleOf } from '../../../sandbox/apiserver/rest/subresources/scale-subresource.ts';
import { isMap } from '../../../sandbox/semantics/json.ts';
import { type Call, CallLog, type CallMatch } from './call-log.ts';
import { resourceOf } from './resource-of.ts';
import { FakeServer, type Place } from './server.ts';

export type { Call, CallMatch } from './call-log.ts';

/** The output of one exec, as the real client collects it. */
const MOST_COLLECTED = 16 * 1024 * 1024;

export interface FakeKubeOptions {
  namespace?: string;
  /** Deleted pods that run on a node stay, terminating, until they are deleted with grace 0. Default: gone at once. */
  gracefulPods?: boolean;
  /** Stamps creationTimestamp and deletionTimestamp, ms since 1970; default: a fixed moment. */
  now?: () => number;
  onExec?: (pod: string, container: string, command: readonly string[]) => ExecResult | Promise<ExecResult>;
  onGetText?: (path: string) => string | Promise<string>;
  /** Answers SelfSubjectAccessReviews by their resourceAttributes; default: everything is allowed. */
  allows?: (attributes: Record<string, unknown>) => boolean;
}

const FIXED_NOW = Date.UTC(2026, 0, 1);

const NATURAL = new Intl.Collator('en', { numeric: true });
const byName = (a: KubeObject, b: KubeObject): number => NATURAL.compare(a.metadata.name, b.metadata.name);

const frozen = new WeakMap<KubeObject, KubeObject>();

/** One copy for all who list what is stored now: no reader may change it, and a thousand pods are not copied at every look. */
function frozenCopy(stored: KubeObject): KubeObject {
  const known = frozen.get(stored);
  if (known !== undefined) return known;
  const copy = deeplyFrozen(structuredClone(stored));
  frozen.set(stored, copy);
  return copy;
}

const lists = new WeakMap<readonly KubeObject[], readonly KubeObject[]>();

/** As `frozenCopy`, of a list that is the same one until something is written. */
function frozenList(stored: readonly KubeObject[]): readonly KubeObject[] {
  const known = lists.get(stored) ?? Object.freeze(stored.map(frozenCopy));
  lists.set(stored, known);
  return known;
}

function deeplyFrozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const each of Object.values(value)) deeplyFrozen(each);
  return Object.freeze(value);
}

export class FakeKube implements Kube {
  readonly namespace: string;
  readonly #log = new CallLog();
  readonly #options: FakeKubeOptions;
  readonly #server: FakeServer;

  constructor(objects: readonly KubeObject[] = [], options: FakeKubeOptions = {}) {
    this.namespace = options.namespace ?? 'default';
    this.#options = options;
    this.#server = new FakeServer({
      gracefulPods: options.gracefulPods ?? false,
      now: options.now ?? (() => FIXED_NOW),
    });
    for (const object of objects) this.put(object);
  }

  /** Every call, in order. */
  get calls(): Call[] {
    return this.#log.calls;
  }

  /** Calls that changed something, in order; dry runs are not among them. */
  get writes(): Call[] {
    return this.calls.filter((call) => ['create', 'patch', 'delete'].includes(call.verb) && call.dryRun !== true);
  }

  /** Another writer creates or replaces an object: no record, status kept as given. */
  put(object: KubeObject): KubeObject {
    const resource = resourceOf(object);
    const copy = structuredClone(object);
    if (resource.namespaced) copy.metadata.namespace ??= this.namespace;
    return structuredClone(this.#server.put(resource, copy));
  }

  /** Another writer changes an object: no record, no conflict, the next resourceVersion (and generation, when the spec changed). */
  edit(resource: Resource, name: string, change: (object: KubeObject) => void, namespace = this.namespace): KubeObject {
    const before = this.#server.found({ resource, name, namespace });
    const after = structuredClone(before);
    change(after);
    return structuredClone(this.#server.save(resource, before, after));
  }

  /** Another writer removes an object at once; 404 when there is none. */
  remove(resource: Resource, name: string, namespace = this.namespace): void {
    this.#server.store.remove(resource, this.#server.found({ resource, name, namespace }));
  }

  /** A copy of what is stored now, without a record. */
  object(resource: Resource, name: string, namespace = this.namespace): KubeObject | undefined {
    return structuredClone(this.#server.store.get(resource, namespace, name));
  }

  /** Copies of everything stored of one resource, in natural order of their names, without a record. */
  objects(resource: Resource): KubeObject[] {
    return this.#copies(resource, undefined, {});
  }

  #copies(resource: Resource, namespace: string | undefined, options: ListOptions): KubeObject[] {
    return structuredClone([...this.#sorted(resource, namespace, options)]);
  }

  /** Sorted once for each state of the resource: most of them are unchanged from look to look. */
  readonly #lists = new Map<string, { at: string; items: readonly KubeObject[] }>();

  #sorted(resource: Resource, namespace: string | undefined, options: ListOptions): readonly KubeObject[] {
    const { labelSelector, fieldSelector } = options;
    const key = JSON.stringify([resource.group, resource.plural, namespace, labelSelector, fieldSelector]);
    const at = this.versionOf(resource);
    const known = this.#lists.get(key);
    if (known?.at === at) return known.items;
    const items = [...this.#server.store.list(resource, namespace, options)].sort(byName);
    this.#lists.set(key, { at, items });
    return items;
  }

  /** As `objects`, but what is stored itself, which must not be changed: for what looks again and again. */
  view(resource: Resource): readonly KubeObject[] {
    return this.#sorted(resource, undefined, {});
  }

  /** Another one after each write of these resources. */
  versionOf(...resources: readonly Resource[]): string {
    return resources.map((resource) => this.#server.store.writesOf(resource)).join();
  }

  /** The next call (or `times` calls) that matches fails with this error and changes nothing. */
  failNext(match: CallMatch, error: Error, times = 1): void {
    this.#log.failNext(match, error, times);
  }

  /** Runs before each write takes effect, to play a second writer between read and write; undefined takes it away. */
  beforeWrite(callback: ((call: Call) => void | Promise<void>) | undefined): void {
    this.#log.beforeWrite = callback;
  }

  /** Watches from an older version than now get 410 Expired. */
  expireHistory(): void {
    this.#server.store.expire();
  }

  /** Ends every open watch. */
  closeWatches(): void {
    this.#server.store.closeWatches();
  }

  async get(
    resource: Resource,
    name: string,
    options: CallOptions & { subresource?: string } = {},
  ): Promise<KubeObject> {
    this.#log.record('get', resource.plural, name, options);
    const found = this.#server.found(this.#place(resource, name, options));
    return options.subresource === 'scale' ? structuredClone(scaleOf(found)) : frozenCopy(found);
  }

  async list(resource: Resource, options: ListOptions = {}): Promise<KubeList> {
    this.#log.record('list', resource.plural, undefined, options);
    const namespace = this.#scope(resource, options);
    const items = frozenList(this.#sorted(resource, namespace, options));
    return { metadata: { resourceVersion: this.#server.store.version }, items: items as KubeObject[] };
  }

  async create(
    resource: Resource,
    object: object,
    options: WriteOptions & { name?: string } = {},
  ): Promise<KubeObject> {
    const body = structuredClone(object) as KubeObject;
    body.metadata ??= { name: '' };
    const name = options.name ?? body.metadata.name;
    await options.beforeSend?.(false);
    await this.#log.write('create', resource.plural, name, options, { body: structuredClone(object) });
    const place = this.#place(resource, name, options);
    if (options.subresource === 'eviction') this.#server.evict(place, body);
    else if (options.subresource === 'binding') this.#server.bind(place, body);
    else if (resource.kind === SELF_SUBJECT_ACCESS_REVIEWS.kind) return this.#review(body);
    else return structuredClone(this.#server.create(place, body));
    return { kind: 'Status', apiVersion: 'v1', metadata: { name: '' }, status: 'Success', code: 201 };
  }

  async patch(
    resource: Resource,
    name: string,
    patch: object,
    options: WriteOptions & { type: PatchType; force?: boolean },
  ): Promise<KubeObject> {
    await options.beforeSend?.(false);
    await this.#log.write('patch', resource.plural, name, options, {
      patchType: options.type,
      body: structuredClone(patch),
    });
    const body = structuredClone(patch) as Record<string, unknown>;
    return structuredClone(this.#server.patch(this.#place(resource, name, options), body, options.type));
  }

  async delete(resource: Resource, name: string, options: DeleteOptions): Promise<void> {
    const { signal: _signal, beforeSend, ...body } = options;
    await beforeSend?.(false);
    await this.#log.write('delete', resource.plural, name, options, { body });
    this.#server.delete(this.#place(resource, name, options), options);
  }

  async *watch(resource: Resource, options: WatchOptions): AsyncIterable<WatchEvent> {
    this.#log.record('watch', resource.plural, undefined, options);
    yield* this.#server.store.watch(resource, this.#scope(resource, options), options);
  }

  async exec(
    pod: string,
    container: string,
    command: readonly string[],
    { onStdout, ...options }: ExecOptions = {},
  ): Promise<ExecResult> {
    this.#log.record('exec', 'pods', pod, { ...options, subresource: 'exec' }, { body: command });
    if (!this.#options.onExec) throw new Error('this fake was given no onExec');
    const result = await this.#options.onExec(pod, container, command);
    if (onStdout === undefined) {
      if (result.stdout.length > MOST_COLLECTED)
        throw new ConnectionError('the output is too large', { retryable: true });
      return result;
    }
    // In pieces that end anywhere, as they come over a stream.
    for (let at = 0; at < result.stdout.length; at += 100) onStdout(result.stdout.slice(at, at + 100));
    return { ...result, stdout: '' };
  }

  async getText(path: string, options: { signal?: AbortSignal } = {}): Promise<string> {
    this.#log.record('getText', path, undefined, options);
    if (!this.#options.onGetText) throw new Error('this fake was given no onGetText');
    return this.#options.onGetText(path);
  }

  #review(body: KubeObject): KubeObject {
    const attributes = isMap(body['spec']) ? body['spec']['resourceAttributes'] : undefined;
    const allowed = this.#options.allows?.(isMap(attributes) ? attributes : {}) ?? true;
    return { ...body, status: { allowed } };
  }

  #scope(resource: Resource, options: CallOptions): string | undefined {
    if (!resource.namespaced || options.namespace === '*') return undefined;
    return options.namespace ?? this.namespace;
  }

  #place(resource: Resource, name: string, options: WriteOptions): Place {
    const { subresource, dryRun } = options;
    return { resource, name, namespace: options.namespace ?? this.namespace, subresource, dryRun };
  }
}
