/** The content of `status`, as plain JSON but for the commands in its notes: the flow fills it in, the printer makes a table of it, `-o json` prints it. */
import type { BackendHealth } from '../facts/balancer-state.ts';
import type { TargetPlace } from '../intent/target-place.ts';
import type { Pause } from '../target/pause.ts';
import type { Advice } from '../values/command.ts';

/** One pod on one listener of one Service. null means unknown, never zero. */
export interface StatusBackend {
  service: string;
  /** The Service's port: `TCP/80`. */
  listener: string;
  listenerId: string | null;
  /** The weight that the annotation asks for. */
  wantWeight: number | null;
  /** The weight that the load balancer shows. */
  seenWeight: number | null;
  health: BackendHealth | null;
  connections: number | null;
}

/** One ordinal; a pod that does not exist has null where there is nothing to say. */
export interface StatusRow {
  pod: string;
  ordinal: number;
  uid: string | null;
  ip: string | null;
  backends: StatusBackend[];
  /** controller-revision-hash. */
  revision: string | null;
  /** Against status.updateRevision of the StatefulSet. */
  updated: boolean | null;
  /** Images of the pod's containers, in the order of its spec. */
  images: string[];
  ready: { ready: number; total: number };
  gates: { passed: number; total: number };
  restarts: number;
  /** As kubectl's STATUS column: Running, Pending, Terminating, CrashLoopBackOff, Missing, … */
  phase: string;
  ageSeconds: number | null;
}

export interface StatusService {
  name: string;
  balancer: string | null;
  vips: string[];
  listeners: string[];
}

/** A Service that leads clients inside the cluster to the pods: no weight stops them. */
export interface StatusInside {
  name: string;
  type: string;
  headless: boolean;
  /** `TCP/80 to port http`. */
  ports: string[];
}

/** A verb of another operator, as its lease shows it; null where the lease does not say. */
export interface RunningVerb {
  /** `user@host/pid`. */
  by: string;
  verb: string | null;
  /** RFC 3339, by the API server's clock, as `renewedAt` is. */
  begunAt: string | null;
  renewedAt: string | null;
  /** It has not renewed its lease in time: it may be gone. */
  expired: boolean;
}

/** A sentence; as advice it has a command in it. */
export type StatusNote = string | Advice;

export interface StatusDetails {
  rows: StatusRow[];
  services: StatusService[];
  inside: StatusInside[];
  /** Ordinals that the annotation holds at weight 0 now. */
  drainSet: number[];
  /** Weights of canaries, by ordinal. */
  canaries: Record<string, number>;
  /** A surge that is on; null: none, or its bookkeeping cannot be read. */
  surge: { formerReplicas: number; surplus: number[] } | null;
  /** The pause of the upgrade; null: it is not paused. */
  paused: Pause | null;
  /** Another operator's verb that holds the lease now; null: none does, or the lease cannot be read. */
  running: RunningVerb | null;
  /** Sentences for people: what could not be read, and why. */
  notes: StatusNote[];
}

/** Of a StatefulSet at which no look was possible. */
export const NOTHING_SEEN: StatusDetails = {
  rows: [],
  services: [],
  inside: [],
  drainSet: [],
  canaries: {},
  surge: null,
  paused: null,
  running: null,
  notes: [],
};

/** The details when several are shown. */
export interface StatusOfMany {
  targets: readonly StatusOfOne[];
  /** Contexts in which nothing could be looked for; absent: none. */
  unreached?: readonly { context: string; message: string }[];
}

/** One of several; without rows where it could not be looked at. */
export interface StatusOfOne extends StatusDetails, TargetPlace {
  name: string;
  /** The exit code of showing this one alone. */
  exitCode: number;
  /** The reason why it cannot be shown. */
  error?: string;
}
