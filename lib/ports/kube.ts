/** The API server, as flows see it. */
import type { KubeObject } from '../core/facts/kube-object.ts';

export type * from '../core/facts/kube-object.ts';

export interface KubeList {
  metadata: { resourceVersion?: string; continue?: string };
  items: KubeObject[];
}

/** A resource of the API: `{group: 'apps', version: 'v1', plural: 'statefulsets', kind: 'StatefulSet', namespaced: true}`. The core group is ''. */
export interface Resource {
  group: string;
  version: string;
  plural: string;
  kind: string;
  namespaced: boolean;
}

/** Where and how one call is made. `namespace` defaults to the client's own; '*' lists all namespaces. */
export interface CallOptions {
  namespace?: string;
  signal?: AbortSignal;
}

export interface ListOptions extends CallOptions {
  labelSelector?: string;
  fieldSelector?: string;
}

export interface WriteOptions extends CallOptions {
  /** Ask the server to validate and answer, and to keep nothing (`dryRun=All`). */
  dryRun?: boolean;
  /** 'scale', 'status', 'eviction', 'binding', … */
  subresource?: string;
  beforeSend?: BeforeSend;
}

/**
 * Asked each time a request is about to be sent, once credentials are at hand: for writes whose reasons can become invalid
 * meanwhile. An error that it throws ends the request. `again`: it was sent before, got no answer or was asked to wait, and the
 * write may have been taken already.
 */
export type BeforeSend = (again: boolean) => Promise<void>;

export type PatchType = 'merge' | 'strategic' | 'json' | 'apply';

export interface DeleteOptions extends CallOptions {
  /** Required on purpose: without it a repeated delete can hit the pod's replacement. Undefined = delete the object that has the name. */
  uid: string | undefined;
  gracePeriodSeconds?: number;
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  dryRun?: boolean;
  beforeSend?: BeforeSend;
}

export interface WatchOptions extends ListOptions {
  resourceVersion?: string;
}

export type WatchEvent =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; object: KubeObject }
  | { type: 'ERROR'; object: Record<string, unknown> };

export interface ExecOptions extends CallOptions {
  /** Takes stdout as it comes, of any length; `ExecResult.stdout` is '' then. An error that it throws ends the exec. */
  onStdout?: (text: string) => void;
}

export interface ExecResult {
  stdout: string;
  stderr: string;
  /** The command's exit code; 0 when the server reported Success. */
  exitCode: number;
}

/** The API server. Every failure is a StatusError (the server answered) or a ConnectionError (it did not). */
export interface Kube {
  /** The namespace that commands without -n work in. */
  readonly namespace: string;
  get(resource: Resource, name: string, options?: CallOptions & { subresource?: string }): Promise<KubeObject>;
  /** Every page of the list; a missing page is an error, never a shorter list. */
  list(resource: Resource, options?: ListOptions): Promise<KubeList>;
  create(resource: Resource, object: object, options?: WriteOptions & { name?: string }): Promise<KubeObject>;
  patch(
    resource: Resource,
    name: string,
    patch: object,
    options: WriteOptions & { type: PatchType; force?: boolean },
  ): Promise<KubeObject>;
  delete(resource: Resource, name: string, options: DeleteOptions): Promise<void>;
  /** Events from `resourceVersion` on, until the server closes the stream or `signal` aborts. The caller re-lists and watches again. */
  watch(resource: Resource, options: WatchOptions): AsyncIterable<WatchEvent>;
  /** One command in a container, output collected (UTF-8, bounded to 16 MiB), or stdout handed on unbounded: `onStdout`. */
  exec(pod: string, container: string, command: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  /** GET of any path of the API server, as text: the pod proxy, /version. */
  getText(path: string, options?: { signal?: AbortSignal }): Promise<string>;
  /** How far this machine's clock is ahead of the server's, by the Date header of its newest answer (whole seconds, RFC 9110); undefined: it sent none. */
  clockAheadMs?(): number | undefined;
}
