/** The user's wish, parsed: one type per verb. The command layer fills these in; the flows read nothing else of the command line. */

import type { JobWish } from '../job/job-manifest.ts';
import type { Pin } from '../job/pin.ts';
import type { DryRun } from '../outcome/outcome.ts';
import type { PauseAt } from '../plan/pause-at.ts';
import type { ParsedRecording } from '../story/recording.ts';
import type { MaxUnavailable } from '../window/size.ts';
import type { JudgedDefaults } from './workload-defaults.ts';

/** The StatefulSet that a verb works on; its namespace is the Kube port's own. */
export interface TargetIntent {
  name: string;
  /** Only these Services; undefined: every LoadBalancer Service whose selector matches the pods. */
  services?: readonly string[];
  /** `include`: Services too that only keep weights of the target, even if they no longer select the pods: the way back includes them. */
  leftBehind?: 'include';
  /** Names of nodes that are to be emptied: the pods there are due, beside those that the bookkeeping makes due. */
  nodes?: readonly string[];
  dryRun: DryRun;
  timeoutMs: number;
}

/** `--min-serving`: a number of backends, a share of the replicas, or undefined for the default. `raises`: it only ever raises the built-in floor. */
export type MinServing = ({ kind: 'count'; count: number } | { kind: 'percent'; percent: number }) & { raises?: true };

/** How the meaning of zero is chosen. */
export interface ZeroIntent {
  /** Every source must read zero this long. */
  stableForMs: number;
  /** The measured constant number of connections (health checks) that the operator accepts as zero; 0 by default. */
  maxConnections: number;
  /** Names of sources; undefined: all available ones. */
  sources?: readonly string[];
  /** Ports past the load balancer, by name or number, whose connections are not waited for. */
  ignoredPorts?: readonly string[];
}

export interface DrainIntent extends TargetIntent {
  /** Leave alone what is done already: a step of a script that may be run again. */
  skipDone?: boolean;
  ordinals: readonly number[];
  minServing?: MinServing;
  /** Drain although an Ingress goes on sending to the pods. */
  ignoreIngress?: boolean;
  /** Services whose only pod may be drained. */
  allowAlone?: readonly string[];
}

export interface WaitZeroIntent extends TargetIntent, ZeroIntent {
  /** Ends once one of the pods is at zero. */
  any?: boolean;
  /** At its end, what was proved is kept for the command that comes next; within one process that goes by the readings. */
  leavesProof?: boolean;
  /** Leave alone what is done already: a step of a script that may be run again. */
  skipDone?: boolean;
  /** undefined: the whole drain set. */
  ordinals?: readonly number[];
}

export interface RecreateIntent extends TargetIntent, ZeroIntent {
  /** Leave alone what is done already: a step of a script that may be run again. */
  skipDone?: boolean;
  /** As upgrade's. */
  takeOver?: boolean;
  ordinals?: readonly number[];
  /** Use the Eviction API, which respects PodDisruptionBudgets. */
  evict: boolean;
  /** Delete although connections remain; the outcome says what was broken. */
  force: boolean;
  /** Those of the pods that are at zero, and no other. */
  atZero?: boolean;
}

export interface AdvanceIntent extends TargetIntent {
  /** Size of the next batch; undefined: the size of this one. */
  batch?: number;
  /** A window in place of batches: how many pods may be out of service at once. */
  maxUnavailable?: MaxUnavailable;
  /** The batch that is given back, by name; undefined: what is drained. */
  from?: readonly number[];
  /** The ordinals that are drained next, by name; undefined: the next outdated ones, or with `from` none. */
  to?: readonly number[];
  minServing?: MinServing;
  /** As drain's. */
  ignoreIngress?: boolean;
  /** As drain's. */
  allowAlone?: readonly string[];
}

export interface RestoreIntent extends TargetIntent, ZeroIntent {
  /** As upgrade's. */
  takeOver?: boolean;
  /** undefined: everything, back to the annotation before the first drain. */
  ordinals?: readonly number[];
  /** Give weights back and touch nothing else: no scaling, no question to the cloud. */
  weightsOnly: boolean;
  /** With ordinals: a weight of 0 that somebody asked for by hand stays. */
  sparesByHand?: boolean;
  /** Put the kept text back where the annotation is damaged. */
  force?: boolean;
  /** Canary: raise the ordinals to these weights, one after the other. */
  weights?: readonly number[];
  /** How long each canary weight but the last is observed. */
  everyMs?: number;
}

export interface StatusIntent extends TargetIntent {
  /** False: the cloud is not asked at all; what only it knows is unknown. */
  cloud?: boolean;
  /** Every pod's connections are asked for, however many calls that takes. */
  allConnections?: boolean;
}

export interface CheckIntent extends TargetIntent {
  minServing?: MinServing;
  /** The stability window of the coming wait-zero, compared with session persistence. */
  stableForMs: number;
  /** Names of sources to try; undefined: all. */
  sources?: readonly string[];
  /** As wait-zero's. */
  ignoredPorts?: readonly string[];
  /** Measure the lag of the load balancer, from this recording or, with null, from what the pods show. */
  measure?: ParsedRecording | null;
  /** The workload's own defaults; undefined: it was not asked for them. */
  defaults?: JudgedDefaults;
  /** Executables on the PATH that kubectl would take for this program; undefined: the PATH was not searched. */
  strays?: readonly string[];
}

export interface SurgeIntent extends TargetIntent {
  /** With skipDone: the images of the upgrade; where every pod runs them, no replicas are added. */
  images?: Readonly<Record<string, string>>;
  /** With skipDone: the restart that the upgrade is to, as the template has it. */
  restartedAt?: string;
  /** Leave alone what is done already: a step of a script that may be run again. */
  skipDone?: boolean;
  /** As upgrade's. */
  takeOver?: boolean;
  /** How many replicas to add to the former count. */
  count: number;
  /** Create the surplus pods at weight 0. */
  dark: boolean;
  /** Also without `dark`, where they start on a template that other pods do not run, by the very facts that are written on. */
  holdsCanary?: boolean;
}

export interface ScaleIntent extends TargetIntent, ZeroIntent {
  replicas: number;
  /** As drain's; a share is one of the replicas that stay. */
  minServing?: MinServing;
  /** As drain's. */
  ignoreIngress?: boolean;
  /** As drain's. */
  allowAlone?: readonly string[];
  /** Delete the volumes of the pods that go, where the StatefulSet asks for that. */
  deleteClaims?: boolean;
  /** As upgrade's. */
  takeOver?: boolean;
}

export interface VerifyIntent extends TargetIntent {
  /** undefined: every updated pod. */
  ordinals?: readonly number[];
  /** How long everything must hold, under live traffic; 0: one look. */
  forMs: number;
}

export interface RollbackIntent extends TargetIntent {
  /** The number of the ControllerRevision; undefined: the one before the upgrade. */
  toRevision?: number;
  /** The StatefulSet and the template that are to be taken back; undefined: whatever is there. */
  pin?: Pin;
}

export interface UpgradeIntent extends TargetIntent, ZeroIntent {
  /** Container name to image; empty: the template stays as it is, and what is outdated is upgraded. */
  images: Readonly<Record<string, string>>;
  /** Replace every pod with the template as it is. */
  restart?: boolean;
  /** The time of the restart as it was asked for, RFC 3339; undefined: the time of the first look. */
  restartOf?: string;
  /** The time that is written for the restart, from the first look on; RFC 3339. */
  restartedAt?: string;
  /** The earlier revision that the images bring back, from the first look on: its pods are not replaced. */
  revisionBack?: string;
  batch: number;
  /** A sliding window in place of batches: how many pods may be out of service at once. */
  maxUnavailable?: MaxUnavailable;
  /** Pods of the window after which the person is asked again; undefined: the size of the window. */
  askEvery?: number;
  /** A pod whose connections have not ended after this long gets its weight back and comes last; undefined: it is waited for. */
  busyAfterMs?: number;
  /** The StatefulSet and the template that this was made for; undefined: whatever is there. */
  pin?: Pin;
  /** End, with 0, once so many pods are updated; undefined: go on to the end. */
  pauseAt?: PauseAt;
  /** Replicas to add for the time of the upgrade. */
  surge: number;
  /** How long each batch is observed under traffic before the next one. */
  soakMs: number;
  /** Do not ask before each batch. */
  yes: boolean;
  /** Take over a lease that its holder no longer renews. */
  takeOver: boolean;
  evict: boolean;
  minServing?: MinServing;
  /** As drain's. */
  ignoreIngress?: boolean;
  /** As drain's. */
  allowAlone?: readonly string[];
}

export interface PauseIntent extends TargetIntent {
  /** For the colleague who runs the upgrade. */
  reason?: string;
}

export interface PlanIntent extends TargetIntent {
  /** The upgrade as objects of the cluster, which run it there; undefined: not asked for. */
  job?: JobWish;
  images: Readonly<Record<string, string>>;
  /** As upgrade's. */
  restart?: boolean;
  /** As upgrade's, both. */
  restartedAt?: string;
  revisionBack?: string;
  batch: number;
  surge: number;
  soakMs: number;
  /** Flags of every step that counts connections, as they were given. */
  countingWords: readonly string[];
  /** Names of the sources that the waits count by; undefined: every available one. */
  sources?: readonly string[];
  /** As upgrade's. */
  maxUnavailable?: MaxUnavailable;
  /** The stability window that the waits are asked for. */
  stableForMs: number;
  /** As drain's; the steps of the plan that drain say so too. */
  ignoreIngress?: boolean;
  /** As drain's; the steps of the plan that drain say so too. */
  allowAlone?: readonly string[];
  /** As drain's; the steps of the plan that drain say so too. */
  minServing?: MinServing;
}

export interface HistoryIntent extends TargetIntent {
  /** A recording, made with `--record`; undefined: only the cluster is asked. */
  recording?: ParsedRecording;
}
