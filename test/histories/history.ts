/** One history as data: the world it begins with, what the operator sets out to do, and what goes wrong. */

export interface Setting {
  /** Of the chance in the world itself. */
  seed: number;
  replicas: number;
  ordered: boolean;
  /** Services, each with a load balancer of its own. */
  services: 1 | 2;
  ports: 1 | 2;
  sources: 'pod' | 'clb' | 'pod,clb' | 'metrics' | 'pod,metrics';
  /** Of every listener. Only Cloud Monitor and a metric count UDP. */
  protocol: 'TCP' | 'UDP';
  /** Of Cloud Monitor's points. */
  periodSeconds: 5 | 10 | 60;
  /** The first port of each Service is an HTTP listener with two rules; each rule has backends of its own. */
  layer7: boolean;
  /** Pools open a connection for each that ends; a persisted session leads back to its backend; those that return do so at weight 0 too. */
  clients: 'plain' | 'pooled' | 'persisted' | 'returning';
  budget: boolean;
  /** A smaller floor than the default is asked for, by --min-serving. */
  lowFloor: boolean;
  /** Pods are ready only once the load balancer finds them healthy. */
  gate: boolean;
  /** The weight annotation before the first drain; '' = there is none. */
  weights: '' | 'default' | 'canary' | 'other-set';
  /** The workload's own defaults, in annotations of its StatefulSet; the operator leaves those flags out. '' = it has none. */
  defaults: '' | 'floor' | 'counting' | 'patient' | 'batch' | 'window';
  /** How long a pod takes to start, at most; how long the service-controller takes to notice; how long clients stay. */
  startMs: number;
  lagMs: number;
  longestMs: number;
  /** Between two clients of one listener, on average. */
  arrivalMs: number;
  reusesAddresses: boolean;
  /** Everything that goes over the wire is traced for people, as with -v 7. */
  verbose: boolean;
}

export const JOBS = [
  'upgrade',
  'window',
  'surge',
  'script',
  'canary',
  'rollback',
  'evict',
  'by-plan',
  'plan-script',
  'scale',
  'restart',
  'pause-at',
  'window-script',
  'node',
  'drain-node',
  'take-back',
  'give-back',
] as const;

const BATCH = ['drain', 'wait-zero', 'recreate', 'advance', 'advance', 'restore'] as const;

/** The verbs that the operator types in each job; faults aim more often at one that is named more often. */
export const VERBS_OF: Record<(typeof JOBS)[number], readonly string[]> = {
  upgrade: ['check', 'upgrade'],
  window: ['upgrade', 'verify'],
  surge: ['upgrade', 'status'],
  script: ['surge', ...BATCH],
  canary: ['drain', 'wait-zero', 'recreate', 'verify', 'restore'],
  rollback: ['upgrade', 'history', 'rollback', 'rollback', 'rollback'],
  evict: ['upgrade'],
  'by-plan': ['plan', 'status', 'pause', 'resume', 'upgrade', 'history'],
  'plan-script': ['plan', 'surge', ...BATCH],
  scale: ['scale'],
  restart: ['pause', 'history', 'resume', 'upgrade'],
  'pause-at': ['upgrade', 'status', 'verify'],
  'window-script': ['plan', ...BATCH],
  node: ['check', 'upgrade'],
  'drain-node': ['drain', 'wait-zero', 'recreate', 'verify', 'restore'],
  'take-back': ['history', 'pause', 'resume', 'rollback', 'rollback', 'upgrade'],
  'give-back': ['surge', 'status', 'drain', 'restore', 'restore', 'restore'],
};

export interface Job {
  kind: (typeof JOBS)[number];
  /** Pods at a time. */
  batch: number;
  surge: number;
  /** With replicas added for as long as it takes, where the job leaves that open. */
  surges: boolean;
  /** The size of a window is asked for as a share of the replicas. */
  isShare: boolean;
  /** The next revision, where the job leaves that open: a new image, the template as it is, or both at once. */
  renews: 'image' | 'restart' | 'both';
  /** Of a window: a pod that stays busy is put off. */
  busyAfter: boolean;
  /** Pods are evicted where they are recreated by a verb of its own. */
  evict: boolean;
}

export const API_FAULTS = ['api-cut', 'api-lost', 'api-late', 'api-slow', 'api-409', 'api-429', 'api-5xx'] as const;
export const CLOUD_FAULTS = ['cloud-throttled', 'cloud-error', 'cloud-cut'] as const;
export const COUNT_FAULTS = ['exec-fails', 'exec-cut', 'metrics-fails', 'metrics-cut', 'metrics-stale'] as const;
export const WORLD_FAULTS = [
  'api-restart',
  'watches-expire',
  'controller-sleeps',
  'controller-fails',
  'controller-resyncs',
  'binds-late',
  'weight-overridden',
  'pod-slow',
  'pod-stuck',
  'pod-never-ready',
  'pod-crashes',
  'node-lost',
  'monitor-late',
  'monitor-missing',
  'monitor-repeats',
  'monitor-throttled',
  'inside-clients',
] as const;
export const PEOPLE_FAULTS = [
  'killed',
  'killed-after',
  'interrupted',
  'put-to-sleep',
  'clock-jumps',
  'clock-back',
  'clock-drifts',
  'other-upgrade',
  'other-drain',
  'other-restore',
  'other-recreate',
  'other-advance',
  'other-surge',
  'other-scale',
  'other-rollback',
  'other-window',
  'other-node',
  'other-force',
  'paused',
  'scaled-up',
  'scaled-down',
  'image-edited',
  'weight-given-back',
  'weight-flickers',
  'weight-edited',
  'annotation-removed',
  'service-touched',
  'selector-edited',
  'access-edited',
  'budget-edited',
  'budget-made',
  'autoscaler-made',
  'pod-deleted',
  'set-deleted',
  'lease-deleted',
  'node-cordoned',
  'node-uncordoned',
] as const;

export const FAULTS = [...API_FAULTS, ...CLOUD_FAULTS, ...COUNT_FAULTS, ...WORLD_FAULTS, ...PEOPLE_FAULTS] as const;
export type FaultKind = (typeof FAULTS)[number];

/** It strikes at the operator's so-many-th call, or so-many-th write; `size` says how hard, 0 up to 1. */
export interface Fault {
  kind: FaultKind;
  at: 'call' | 'write';
  nth: number;
  /** Counted within the runs of this verb; undefined: over all of them. */
  of: string | undefined;
  size: number;
}

export interface History {
  setting: Setting;
  job: Job;
  faults: readonly Fault[];
}
