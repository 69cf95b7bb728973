/** One history as data: the world it begins with, what the operator sets out to do, and what goes wrong. */

export interface Setting {
  /** Of the chance in the world itself. */
  seed: number;
  replicas: number;
  ordered: boolean;
  /** Services, each with a load balancer of its own. */
  services: 1 | 2;
  ports: 1 | 2;
  sources: 'pod' | 'clb' | 'pod,clb';
  budget: boolean;
  /** A smaller floor than the default is asked for, by --min-serving. */
  lowFloor: boolean;
  /** Pods are ready only once the load balancer finds them healthy. */
  gate: boolean;
  /** The weight annotation before the first drain; '' = there is none. */
  weights: '' | 'default' | 'canary' | 'other-set';
  /** How long a pod takes to start, at most; how long the service-controller takes to notice; how long clients stay. */
  startMs: number;
  lagMs: number;
  longestMs: number;
  /** Between two clients of one listener, on average. */
  arrivalMs: number;
  reusesAddresses: boolean;
}

export const JOBS = ['upgrade', 'window', 'surge', 'script', 'canary', 'rollback', 'evict', 'by-plan'] as const;

export interface Job {
  kind: (typeof JOBS)[number];
  /** Pods at a time. */
  batch: number;
  surge: number;
}

export const API_FAULTS = ['api-cut', 'api-lost', 'api-late', 'api-slow', 'api-409', 'api-429', 'api-5xx'] as const;
export const CLOUD_FAULTS = ['cloud-throttled', 'cloud-error', 'cloud-cut', 'exec-fails', 'exec-cut'] as const;
export const WORLD_FAULTS = [
  'api-restart',
  'watches-expire',
  'controller-sleeps',
  'controller-fails',
  'controller-resyncs',
  'weight-overridden',
  'pod-slow',
  'pod-stuck',
  'pod-crashes',
  'node-lost',
  'monitor-late',
  'monitor-missing',
  'monitor-repeats',
] as const;
export const PEOPLE_FAULTS = [
  'killed',
  'killed-after',
  'interrupted',
  'put-to-sleep',
  'clock-jumps',
  'clock-back',
  'other-upgrade',
  'other-drain',
  'other-restore',
  'other-recreate',
  'paused',
  'scaled-up',
  'scaled-down',
  'image-edited',
  'weight-given-back',
  'weight-flickers',
  'annotation-removed',
  'service-touched',
  'budget-edited',
  'pod-deleted',
  'lease-deleted',
] as const;

export const FAULTS = [...API_FAULTS, ...CLOUD_FAULTS, ...WORLD_FAULTS, ...PEOPLE_FAULTS] as const;
export type FaultKind = (typeof FAULTS)[number];

/** It strikes at the operator's so-many-th call, or so-many-th write; `size` says how hard, 0 up to 1. */
export interface Fault {
  kind: FaultKind;
  at: 'call' | 'write';
  nth: number;
  size: number;
}

export interface History {
  setting: Setting;
  job: Job;
  faults: readonly Fault[];
}
