/** The requests of a verb as requests of the API server: paths, options, retries of a write, and answers whose shape is checked. */

import { StatusError } from '../../core/errors.ts';
import { number } from '../../core/values/read.ts';
import { MIB } from '../../net/read-body.ts';
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
} from '../../ports.ts';
import { statusErrorOf } from '../wire/status-error.ts';
import { mustBe, parseObject } from './kube-answer.ts';
import { listAll } from './list-pages.ts';
import { namedObject } from './object-shape.ts';
import { queryString, resourcePath } from './paths.ts';
import { hasPrecondition, isPatched, metItself } from './resend.ts';
import type { Transport } from './transport.ts';
import { watchEvents } from './watch-events.ts';

const PATCH_CONTENT_TYPES: Readonly<Record<PatchType, string>> = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml',
};

/** The answer of a pod through the proxy: a page of metrics, the largest of which have some 10 MiB. */
const POD_PAGE_BYTES = 64 * MIB;

/** After how many milliseconds of silence a stream is taken for dead; undefined: each has a default. */
interface Silence {
  watchSilenceMs?: number | undefined;
  execSilenceMs?: number | undefined;
}

/** The Kube port over one Transport: raw objects in and out, fields we do not know are kept. */
export class KubeClient implements Kube {
  readonly namespace: string;
  readonly #transport: Transport;
  readonly #fieldManager: string;
  readonly #silence: Silence;

  constructor(transport: Transport, options: { namespace: string; fieldManager: string } & Silence) {
    this.#transport = transport;
    this.namespace = options.namespace;
    this.#fieldManager = options.fieldManager;
    this.#silence = options;
  }

  async get(
    resource: Resource,
    name: string,
    options: CallOptions & { subresource?: string } = {},
  ): Promise<KubeObject> {
    const path = this.#path(resource, options, name, options.subresource);
    const request = `GET ${path}`;
    const answer = await this.#transport.text({ method: 'GET', path, signal: options.signal });
    const object = namedObject(this.#object(answer, request), request);
    const namespace = resource.namespaced ? (options.namespace ?? this.namespace) : undefined;
    mustBe(object, { name, namespace, ...(options.subresource === undefined ? { kind: resource.kind } : {}) }, request);
    return object;
  }

  async list(resource: Resource, options: ListOptions = {}): Promise<KubeList> {
    return await listAll(this.#transport, resource, this.#path(resource, options), {
      ...options,
      namespace: options.namespace ?? this.namespace,
    });
  }

  async create(
    resource: Resource,
    object: object,
    options: WriteOptions & { name?: string } = {},
  ): Promise<KubeObject> {
    const path = this.#path(resource, options, options.name, options.subresource) + this.#writeQuery(options);
    const isEviction = options.subresource === 'eviction';
    const request = {
      method: 'POST',
      path,
      body: JSON.stringify(object),
      signal: options.signal,
      beforeSend: options.beforeSend,
      // A disruption budget's 429 is an answer for the caller, not congestion to wait out in silence.
      waitsOut: !isEviction,
      repeatable: isEviction && hasPrecondition(object),
    } as const;
    try {
      return this.#object(await this.#transport.text(request), `POST ${path}`);
    } catch (error) {
      // The pod of that UID is gone, which is what was asked for.
      if (isEviction && metItself(error, [404, 409])) return { metadata: { name: options.name ?? '' } };
      throw error;
    }
  }

  async patch(
    resource: Resource,
    name: string,
    patch: object,
    options: WriteOptions & { type: PatchType; force?: boolean },
  ): Promise<KubeObject> {
    const query = this.#writeQuery(options, options.force ? 'true' : undefined);
    const path = this.#path(resource, options, name, options.subresource) + query;
    const request = {
      method: 'PATCH',
      path,
      contentType: PATCH_CONTENT_TYPES[options.type],
      body: JSON.stringify(patch),
      signal: options.signal,
      beforeSend: options.beforeSend,
      repeatable: hasPrecondition(patch),
    } as const;
    try {
      return namedObject(this.#object(await this.#transport.text(request), `PATCH ${path}`), `PATCH ${path}`);
    } catch (error) {
      if (!metItself(error, [409])) throw error;
      const now = await this.get(resource, name, options).catch((unread: unknown) => {
        // A user who may write but not read gets a conflict, and plans anew from the objects that it may read.
        if (unread instanceof StatusError && unread.httpStatus === 403) throw error;
        throw unread;
      });
      if (isPatched(now, patch, options.type)) return now;
      throw error;
    }
  }

  async delete(resource: Resource, name: string, options: DeleteOptions): Promise<void> {
    const body = {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      ...(options.uid !== undefined && { preconditions: { uid: options.uid } }),
      ...(options.gracePeriodSeconds !== undefined && { gracePeriodSeconds: options.gracePeriodSeconds }),
      ...(options.propagationPolicy && { propagationPolicy: options.propagationPolicy }),
      ...(options.dryRun && { dryRun: ['All'] }),
    };
    const request = {
      method: 'DELETE',
      path: this.#path(resource, options, name) + queryString({ dryRun: options.dryRun ? 'All' : undefined }),
      body: JSON.stringify(body),
      signal: options.signal,
      beforeSend: options.beforeSend,
      repeatable: options.uid !== undefined,
    } as const;
    try {
      await this.#transport.text(request);
    } catch (error) {
      // The object of that UID is gone, which is what was asked for.
      if (!metItself(error, [404, 409])) throw error;
    }
  }

  watch(resource: Resource, options: WatchOptions): AsyncIterable<WatchEvent> {
    return watchEvents(this.#transport, this.#path(resource, options), options, this.#silence.watchSilenceMs);
  }

  async exec(
    pod: string,
    container: string,
    command: readonly string[],
    options: ExecOptions = {},
  ): Promise<ExecResult> {
    const { execInPod } = await import('../exec/exec-command.ts');
    const namespace = options.namespace ?? this.namespace;
    return await execInPod(
      this.#transport,
      { namespace, pod, container, command },
      options,
      this.#silence.execSilenceMs,
    );
  }

  async getText(path: string, options: { signal?: AbortSignal } = {}): Promise<string> {
    // An answer of a pod through the proxy is a measurement of this moment: late is worse than not at all.
    return await this.#transport.text({
      method: 'GET',
      path,
      accept: '*/*',
      signal: options.signal,
      persists: false,
      maxBytes: POD_PAGE_BYTES,
    });
  }

  clockAheadMs(): number | undefined {
    return this.#transport.clockAheadMs;
  }

  #path(resource: Resource, options: CallOptions, name?: string, subresource?: string): string {
    return resourcePath(resource, { namespace: options.namespace ?? this.namespace, name, subresource });
  }

  #writeQuery(options: WriteOptions, force?: string): string {
    return queryString({ fieldManager: this.#fieldManager, dryRun: options.dryRun ? 'All' : undefined, force });
  }

  #object(text: string, request: string): KubeObject {
    const object = parseObject(text, request);
    // Some writes to subresources answer with a Status: {status: Success} instead of the object.
    if (object['kind'] === 'Status' && object['status'] === 'Failure') {
      throw statusErrorOf(object, number(object, 'code') ?? 500);
    }
    return object as KubeObject;
  }
}
