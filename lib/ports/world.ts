/** The surroundings of a flow: time, people, and the ports to everything else. */
import type { ObjectResult } from '../core/outcome/outcome.ts';
import type { Advice } from '../core/values/command.ts';
import type { WindowView } from '../core/window/window-view.ts';
import type { ZeroView } from '../core/zero/zero-view.ts';
import type { ConnectionSource } from './connection-source.ts';
import type { Kube } from './kube.ts';
import type { LoadBalancer } from './load-balancer.ts';

export interface Clock {
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The progress of a flow; the printer turns it into lines or a live table on stderr. */
export interface Reporter {
  /** A step begins or ends, in one line. */
  progress(line: string): void;
  /** Where a wait stands, again at every look; a reporter that has no table gets lines by `progress` instead. */
  table?(view: ZeroView): void;
  /** Where every pod of a window stands, again at every look; a reporter without it gets a line by `progress`. */
  window?(view: WindowView): void;
  warn(line: string | Advice): void;
  /** Diagnostics for -v LEVEL (klog levels). */
  trace(level: number, line: string): void;
}

/** A check of the operator's own, asked again and again while a batch is observed. */
export interface Gate {
  /** The gate itself, for people: the command or the query. */
  readonly name: string;
  /** Undefined when it holds, else why not. Throws when it could not be asked at all, which does not count as holding. */
  failsBecause(signal: AbortSignal): Promise<string | undefined>;
}

/** The holder that this command is, and whether other holders are gone. */
export interface LeaseHolder {
  /** `user@host/pid`, and behind a `#` where that process id counts: different for every other process. */
  readonly identity: string;
  /** Whether that other holder is a process of this place and user that no longer runs. */
  isGone(identity: string): boolean;
  /** Whether this holder goes on with that one's work: it waits for its lease to run out and takes it then. Absent: with none. */
  follows?(identity: string): boolean;
}

/** Which cluster this is, for people; `context` is '' where flags or a service account decide alone. */
export interface ClusterPlace {
  context: string;
  server: string;
}

/** One of several clusters; `error`: it cannot be connected to. */
export type NamedCluster = { context: string } & ({ world: World } | { error: unknown });

/** Everything a flow may touch. */
export interface World {
  kube: Kube;
  balancer: LoadBalancer;
  sources: readonly ConnectionSource[];
  /** The operator's own gates; empty unless asked for. */
  gates?: readonly Gate[];
  /** The operator, for the audit trail: `user@host`. */
  operator?: string;
  /** Asks the person at the terminal; undefined: there is no terminal to ask on. */
  confirm?: (question: string) => Promise<boolean>;
  /** The lines that a longer work has shown once and does not show again; undefined: a work that shows everything. */
  shown?: Set<string>;
  /** Shows what a longer work has just done to one object, before its end; undefined: the outcome shows all of it. */
  done?: (result: ObjectResult) => void;
  /** Hears which load balancers the Services of a StatefulSet name, once they are read; undefined: no one asks. */
  foundBalancers?: (ids: readonly string[]) => void;
  /** Hears of each rule that cannot be checked now, with the reason; undefined: the warning alone shows it. */
  notChecked?: (reason: string) => void;
  /** The holder of the leases of this run; undefined: no lease is taken. */
  leaseHolder?: LeaseHolder;
  /** Which machine and boot this is, so that its clock is the same clock; '' or undefined: not known. */
  machine?: string;
  /** Undefined: the cluster has no name. */
  place?: ClusterPlace;
  /** The same cluster in another namespace, with the sources as these flags name them. Undefined: there is one namespace. */
  within?: (namespace: string, sourceFlags?: Readonly<Record<string, unknown>>) => World;
  /** The clusters of a verb that looks at several, this one among them; undefined: this one alone. */
  clusters?: readonly NamedCluster[];
  clock: Clock;
  report: Reporter;
  /** Aborts on Ctrl-C and SIGTERM. */
  signal: AbortSignal;
}
