/** The answers of a source of connection counts, as data. */
import type { BalancerState, ListenerState } from '../facts/balancer-state.ts';

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
  /** The listener is none of the chosen Services': another Service's, an Ingress's, or made by hand. */
  elsewhere?: true;
  /** Reached past the load balancer: listener and balancer are none then. */
  inside?: {
    /** The Services that lead there. None: a container only declares the port, and connections of the pod itself or its node may be cut without loss. */
    leads: readonly string[];
    nodeAddresses: readonly string[];
    /** The port's name. */
    name?: string;
  };
}

/** One number. `value` null: the source answered, but had no number; that is unknown, never zero. */
export interface Point {
  /** When the period began, or the reading of a moment. */
  atMs: number;
  /** Of a moment: when its reading was over; absent: it took no time. */
  untilMs?: number;
  value: number | null;
}

/** A reading takes time, and the number was so at some moment of it: a run of them begins with the end of the first, and ends with the beginning of the last. */
export interface MomentPoint extends Point {
  untilMs: number;
}

/** Peers that still hold a connection, where a source can see them. */
export interface Holder {
  peer: string;
  connections: number;
  /** For how long this run has seen its oldest connection; absent where a source cannot tell. */
  seenForMs?: number;
}

/** How a source's points are spaced, and from when on one is final. */
export interface Cadence<Kind extends 'interval' | 'instant' = 'interval' | 'instant'> {
  /** 'interval': a point stands for a whole period; 'instant': for its moment. */
  kind: Kind;
  periodMs: number;
  /** Points newer than now - settleMs may still change or come late; they can spoil a zero but not prove one. */
  settleMs: number;
}

/** The points of one backend; those of a source of moments say when each reading was over. */
export type Series = SeriesPlace & (PeriodPoints | MomentPoints);

interface SeriesPlace {
  source: string;
  backend: CountedBackend;
  holders?: readonly Holder[];
  /** When the source was asked, where that was for more than this reader; absent: when this reader asked. */
  readAtMs?: number;
}

interface PeriodPoints {
  cadence: Cadence<'interval'>;
  points: readonly Point[];
}

interface MomentPoints {
  cadence: Cadence<'instant'>;
  points: readonly MomentPoint[];
}

/** Whether a source can count one backend; `because` is for people, in both cases. */
export interface Countability {
  backend: CountedBackend;
  countable: boolean;
  because: string;
  /** It only lacks the flag that turns the source on, which no one has to give. */
  unasked?: true;
}
