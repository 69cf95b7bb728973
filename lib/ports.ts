/**
 * The seams between the flows and the world: interfaces only.
 * Adapters (lib/kube, lib/clb, lib/sources) implement them; test/fakes holds their twins.
 */

import type { ZeroView } from './core/zero-view.ts';

/** A Kubernetes object as the server sent it; fields we do not know are kept. */
export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
}

export interface ObjectMeta {
  name: string;
  namespace?: string;
  generateName?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  [field: string]: unknown;
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

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
}

export type PatchType = 'merge' | 'strategic' | 'json' | 'apply';

export interface DeleteOptions extends CallOptions {
  /** Required on purpose: without it a repeated delete can hit the pod's replacement. Undefined = delete whatever has the name. */
  uid: string | undefined;
  gracePeriodSeconds?: number;
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  dryRun?: boolean;
}

export interface WatchOptions extends ListOptions {
  resourceVersion?: string;
}

export type WatchEvent =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; object: KubeObject }
  | { type: 'ERROR'; object: Record<string, unknown> };

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
  /** One command in a container, output collected (UTF-8, bounded to 16 MiB). */
  exec(pod: string, container: string, command: readonly string[], options?: CallOptions): Promise<ExecResult>;
  /** GET of any path of the API server, as text: the pod proxy, /version. */
  getText(path: string, options?: { signal?: AbortSignal }): Promise<string>;
  /** How far this machine's clock is ahead of the server's, by the Date header of its newest answer (whole seconds, RFC 9110); undefined: it sent none. */
  clockAheadMs?(): number | undefined;
}

/** How a load balancer sees one backend's health. `off`: the listener has no health check. */
export type BackendHealth = 'alive' | 'dead' | 'probing' | 'off' | 'unknown';

/** One pod:port bound on one listener (or on one rule of a layer-7 listener). */
export interface BackendState {
  listenerId: string;
  /** Set on layer-7 listeners only: the forwarding rule that binds it. */
  ruleId?: string;
  /** The rule's host and path, for people. */
  rule?: string;
  address: string;
  port: number;
  weight: number;
  health: BackendHealth;
}

export interface ListenerState {
  id: string;
  /** As the cloud says it: TCP, UDP, HTTP, HTTPS, TCP_SSL, QUIC. */
  protocol: string;
  port: number;
  /** Last port of a port-range listener. */
  endPort?: number;
  /** WRR, LEAST_CONN, IP_HASH; 'mixed' when the rules of a layer-7 listener differ. */
  scheduler: string;
  /** Longest session persistence on the listener or its rules, seconds; 0 = off. */
  sessionExpireSeconds: number;
  /** NODE, POLARIS, TARGETGROUP, TARGETGROUP-V2. */
  targetType: string;
  /** AttrFlags, for example RescheduleTargetZeroWeight. */
  flags: readonly string[];
  resetsOnUnbind: boolean;
  idleTimeoutSeconds?: number;
  healthCheck: { on: boolean; intervalSeconds: number; healthyThreshold: number };
  backends: readonly BackendState[];
}

/** What the cloud shows of one load balancer at one moment. */
export interface BalancerState {
  id: string;
  name: string;
  vips: readonly string[];
  domain?: string;
  network: 'public' | 'private';
  /** The numeric VPC id, as the text that Cloud Monitor's vpcId dimension wants. */
  numericVpcId: string;
  region: string;
  running: boolean;
  listeners: readonly ListenerState[];
  /** Clock time at which the read began. */
  observedAtMs: number;
}

export interface BalancerRef {
  id: string;
  /** Region asked for by the user or by the Service; undefined: the adapter's own default. */
  region?: string;
}

/** One place of one load balancer that sends traffic to an address: found by the address, whoever made the binding. */
export interface AddressBinding {
  balancerId: string;
  listenerId: string;
  protocol: string;
  port: number;
  /** Set on layer-7 listeners only, with its host and path for people. */
  ruleId?: string;
  rule?: string;
  address: string;
  backendPort: number;
  weight: number;
}

/** What came of trying one action of the cloud's API. `allowed` undefined: neither proven nor denied. */
export interface TriedAction {
  /** As CAM policies name it: `clb:DescribeTargets`. */
  action: string;
  allowed: boolean | undefined;
  because: string;
}

export interface ObserveOptions {
  signal?: AbortSignal;
  /** false: every health may be 'unknown', which saves a call where only weights are wanted. */
  health?: boolean;
}

/** Reads weights and health as the load balancer itself shows them; it never writes. Failures are CloudErrors or ConnectionErrors. */
export interface LoadBalancer {
  observe(balancer: BalancerRef, options?: ObserveOptions): Promise<BalancerState>;
  /** Every binding of these addresses in the VPC of this balancer's backends, on any load balancer of its region. */
  bindingsOf?(
    balancer: BalancerRef,
    addresses: readonly string[],
    options?: { signal?: AbortSignal },
  ): Promise<readonly AddressBinding[]>;
  /** Calls every action that the program uses once, on this balancer; an action that fails is an answer, not an error. */
  tryActions?(balancer: BalancerRef, options?: { signal?: AbortSignal }): Promise<readonly TriedAction[]>;
}

/** One backend whose connections are to be counted. */
export interface CountedBackend {
  pod: string;
  podUid: string;
  address: string;
  port: number;
  listener: ListenerState;
  balancer: BalancerState;
  /** The container that owns the port, when the pod spec names it. */
  container?: string;
}

/** One reading. `value` null: the source answered, but had no number; that is unknown, never zero. */
export interface Point {
  atMs: number;
  value: number | null;
}

/** Peers that still hold a connection, where a source can see them. */
export interface Holder {
  peer: string;
  connections: number;
  /** For how long this run has seen its oldest connection; absent where a source cannot tell. */
  seenForMs?: number;
}

/** How a source's points are spaced, and from when on one is final. */
export interface Cadence {
  /** 'interval': a point stands for a whole period; 'instant': for its moment. */
  kind: 'interval' | 'instant';
  periodMs: number;
  /** Points newer than now - settleMs may still change or come late; they can spoil a zero but not prove one. */
  settleMs: number;
}

export interface Series {
  source: string;
  backend: CountedBackend;
  cadence: Cadence;
  points: readonly Point[];
  holders?: readonly Holder[];
}

/** Whether a source can count one backend; `because` is for people, in both cases. */
export interface Countability {
  backend: CountedBackend;
  countable: boolean;
  because: string;
}

/** One place that connection counts come from. Adding one touches its own folder and the list of sources only. */
export interface ConnectionSource {
  readonly name: string;
  /** The operator named it by flags of its own: then it must be able to count, as if --source had named it. */
  readonly asked?: boolean;
  /** Proves that the source really sees these backends (`siblings`: backends of the same listeners that have traffic, to prove it on). */
  prove(
    backends: readonly CountedBackend[],
    siblings: readonly CountedBackend[],
    options?: { signal?: AbortSignal },
  ): Promise<readonly Countability[]>;
  /** One series per backend with every point known since `sinceMs`. A failed read throws; it never returns zeros. */
  read(
    backends: readonly CountedBackend[],
    sinceMs: number,
    options?: { signal?: AbortSignal },
  ): Promise<readonly Series[]>;
}

export interface Clock {
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** What a flow says while it works; the printer turns it into lines or a live table on stderr. */
export interface Reporter {
  /** A step begins or ends, in one line. */
  progress(line: string): void;
  /** Where a wait stands, again at every look; a reporter that has no table is told lines by `progress` instead. */
  table?(view: ZeroView): void;
  warn(line: string): void;
  /** Diagnostics for -v LEVEL (klog levels). */
  trace(level: number, line: string): void;
}

/** A check of the operator's own, asked again and again while a batch is observed. */
export interface Gate {
  /** What it is, for people: the command or the query. */
  readonly name: string;
  /** Undefined when it holds, else why not. Throws when it could not be asked at all, which does not count as holding. */
  failsBecause(signal: AbortSignal): Promise<string | undefined>;
}

/** Who runs this command, and what is known of others who did. */
export interface LeaseHolder {
  /** `user@host/pid`. */
  readonly identity: string;
  /** Whether that other holder is a process of this machine and user that no longer runs. */
  isGone(identity: string): boolean;
}

/** Everything a flow may touch. */
export interface World {
  kube: Kube;
  balancer: LoadBalancer;
  sources: readonly ConnectionSource[];
  /** The operator's own gates; empty unless asked for. */
  gates?: readonly Gate[];
  /** Who works here, for the audit trail: `user@host`. */
  operator?: string;
  /** Asks the person at the terminal; undefined: there is nobody to ask. */
  confirm?: (question: string) => Promise<boolean>;
  /** Who holds the leases of this run; undefined: no lease is taken. */
  leaseHolder?: LeaseHolder;
  clock: Clock;
  report: Reporter;
  /** Aborts on Ctrl-C and SIGTERM. */
  signal: AbortSignal;
}
