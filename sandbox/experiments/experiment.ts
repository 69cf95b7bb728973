/** The words of the experiments: what is played, what it must show, and what it showed. */
import type { Stage } from '../rehearsal/stage.ts';
import type { ExperimentName } from './experiment-names.ts';
import type { Rollout } from './watch-rollout.ts';

/** The workload behind the door. */
export interface Workload {
  kind: 'Deployment' | 'StatefulSet';
  replicas: number;
  /** `spec.strategy` of a Deployment, `spec.updateStrategy` of a StatefulSet; default: Kubernetes', and OnDelete. */
  strategy?: object;
  /** Annotations of the pods: how they start and stop. */
  behaviour?: Readonly<Record<string, string>>;
  /** Probes and lifecycle of the container. */
  container?: Readonly<Record<string, unknown>>;
  graceSeconds?: number;
}

/** Where the clients come in: a load balancer that binds pods, or a proxy that goes by Endpoints, `lagMs` late. */
export type Entrance = { kind: 'balancer' } | { kind: 'proxy'; lagMs: number; tries: number; workers?: number };

export interface HttpPlan {
  kind: 'http';
  clients: number;
  /** Between an answer and the next request, ms. */
  pauseMs: number;
  path: string;
  keepAlive?: boolean;
  /** One HTTP/2 connection a client, as gRPC has it. */
  http2?: boolean;
  /** How often the client itself tries: connect failures, and resets before an answer. Default 1. */
  tries?: number;
}

export interface SessionPlan {
  kind: 'session';
  clients: number;
  /** How long the client stays; it leaves of its own accord then. */
  lastsMs: number;
  /** Its reaction when the server asks it to move: it opens the next session first, then leaves. */
  moves: boolean;
}

/** Somebody else's client in place of ours; the scene is left out where the program is not on PATH, and the report names it. */
export interface JudgePlan {
  kind: 'judge';
  program: 'wrk' | 'fortio';
  clients: number;
  path: string;
  /** fortio: so many requests on one connection, `50:100`; undefined: it never ends one. */
  reuse?: string;
}

export interface SceneStage extends Stage {
  app: string;
  /** One verb of the plugin; resolves with its exit code, which has to be among `accepts` (default 0 and 3). */
  verb(words: readonly string[], accepts?: readonly number[]): Promise<number>;
  /** `kubectl scale`, and wait for it. */
  scale(replicas: number): Promise<void>;
  /** `kubectl set image`, and for a Deployment or a rolling StatefulSet the whole rollout. */
  roll(image: string): Promise<void>;
  /** `kubectl delete pod`, and wait for its replacement. */
  deletePods(names: readonly string[]): Promise<void>;
  /** Names of the pods, in order. */
  pods(): Promise<string[]>;
}

/** The measurements of a scene. */
export interface Seen {
  /** Requests or sessions. */
  requests: number;
  lost: number;
  /** Tries that failed, of the client and of the proxy, whether or not another one succeeded. */
  failedTries: number;
  /** Cause in words to number of losses. */
  byCause: Readonly<Record<string, number>>;
  /** Requests that ran while every dead pod was dead and still an upstream; undefined when there was no such time. */
  window: { requests: number; lost: number } | undefined;
  /** The record of a Deployment's controller; undefined for other workloads. */
  rollout: Rollout | undefined;
  /** Longest time without a session after one was cut, ms. */
  longestGapMs: number;
  /** Of the act alone. */
  seconds: number;
  /** How often the scene was played. */
  plays: number;
}

/** The condition under which a scene's row holds. */
export type Promised = 'none' | 'some' | 'any' | ((seen: Seen) => boolean);

export interface Scene {
  what: string;
  /** The article's figures. */
  article: string;
  /** Done with the verbs of this plugin. */
  ours?: boolean;
  workload: Workload;
  door: Entrance;
  clients: HttpPlan | SessionPlan | JudgePlan;
  act(stage: SceneStage): Promise<void>;
  /** Back to where the act began, when it is played again until something is lost; at most this often. */
  again?: { upTo: number; reset(stage: SceneStage): Promise<void> };
  promised: Promised;
  why(seen: Seen): string;
}

export interface Row {
  what: string;
  requests: number;
  lost: number;
  ours: boolean;
  article: string;
  why: string;
  /** The row shows what it must. */
  holds: boolean;
}

export interface Experiment {
  name: ExperimentName;
  /** Which article, and what it asks. */
  about: string;
  /** How time runs against the article's. */
  scale: string;
  /** Scenes; or, for what is no matter of clients, rows of its own. */
  scenes: readonly Scene[];
}

export interface ExperimentReport {
  name: string;
  about: string;
  scale: string;
  seconds: number;
  rows: Row[];
  /** Rows that were not tried, and why. */
  leftOut: string[];
}

/** Whether the row shows what it must. */
export function holds(promised: Promised, seen: Seen): boolean {
  if (typeof promised === 'function') return promised(seen);
  if (promised === 'any') return true;
  return promised === 'none' ? seen.lost === 0 && seen.requests > 0 : seen.lost > 0;
}

/** `366 of 8969 (4.08 %)`. */
export const share = (lost: number, of: number): string =>
  `${lost} of ${of} (${of === 0 ? '0' : ((100 * lost) / of).toFixed(2)} %)`;
