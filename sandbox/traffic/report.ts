/** The outcome of every connection: the types of the report, and the ledger that is the only writer of it. */

export type ConnectionKind = 'short' | 'keep-alive' | 'stream';

/**
 * How a connection ended: `completed` (every answer whole, the end announced or asked for), `refused` (never
 * established), `reset` (RST), `cut` (closed in the middle of an answer, or while idle without an announcement), `timeout`.
 */
export type ConnectionFate = 'completed' | 'refused' | 'reset' | 'cut' | 'timeout';

export interface LostConnection {
  kind: ConnectionKind;
  /** From the answer's x-pod header; absent when the connection was lost before its first answer. */
  pod?: string;
  /** Clock time of the loss. */
  atMs: number;
  /** The client's port, which is what the load balancer saw as the peer; 0 when never bound. */
  localPort: number;
  fate: Exclude<ConnectionFate, 'completed'>;
  /** The system's own name of the cause (ECONNRESET, FIN, …), for people. */
  cause: string;
  /** Age of the connection at its loss. */
  afterMs: number;
  /** Bytes received before the loss. */
  bytes: number;
}

export interface TrafficReport {
  /** Connections tried: completed + lost + open. Those that the generator itself could not open are not among them. */
  connections: number;
  completed: number;
  /** Connections that have no fate yet; 0 in the report of `stop`. */
  open: number;
  lost: LostConnection[];
  /** Streams among `connections`, and among `lost`. */
  streams: number;
  streamsLost: number;
  /** Age of the oldest stream that received its proper end. */
  longestSurvivedStreamMs: number;
  /** Answers received whole. */
  requests: number;
  /** Of those, answers with status 400 or above; such a connection still counts as completed. */
  errorAnswers: number;
  /** Connections by the pod that answered them first. */
  byPod: Record<string, number>;
  /** Connections the generator failed to open for want of its own resources (ports, descriptors), by error code. */
  ownErrors: Record<string, number>;
  /** Connections not tried because the process stalled, or because too many were open already. */
  skipped: number;
}

/** The end of one connection, as `openConnection` reports it. */
export interface ConnectionEnd {
  fate: ConnectionFate | 'own-error';
  cause: string;
  atMs: number;
  afterMs: number;
  localPort: number;
  bytes: number;
  pod: string | undefined;
}

/** Keeps the books. `snapshot` returns a copy that later events do not change. */
export class Ledger {
  readonly #report: TrafficReport = {
    connections: 0,
    completed: 0,
    open: 0,
    lost: [],
    streams: 0,
    streamsLost: 0,
    longestSurvivedStreamMs: 0,
    requests: 0,
    errorAnswers: 0,
    byPod: {},
    ownErrors: {},
    skipped: 0,
  };

  opened(kind: ConnectionKind): void {
    this.#report.connections += 1;
    this.#report.open += 1;
    if (kind === 'stream') this.#report.streams += 1;
  }

  answered(status: number): void {
    this.#report.requests += 1;
    if (status >= 400) this.#report.errorAnswers += 1;
  }

  /** The first answer on a connection showed which pod serves it. */
  attributed(pod: string): void {
    this.#report.byPod[pod] = (this.#report.byPod[pod] ?? 0) + 1;
  }

  skipped(count: number): void {
    this.#report.skipped += count;
  }

  settled(kind: ConnectionKind, end: ConnectionEnd): void {
    const report = this.#report;
    report.open -= 1;
    if (end.fate === 'own-error') {
      report.connections -= 1;
      if (kind === 'stream') report.streams -= 1;
      report.ownErrors[end.cause] = (report.ownErrors[end.cause] ?? 0) + 1;
    } else if (end.fate === 'completed') {
      report.completed += 1;
      if (kind === 'stream') report.longestSurvivedStreamMs = Math.max(report.longestSurvivedStreamMs, end.afterMs);
    } else {
      if (kind === 'stream') report.streamsLost += 1;
      const { fate, cause, atMs, afterMs, localPort, bytes, pod } = end;
      report.lost.push({ kind, atMs, localPort, fate, cause, afterMs, bytes, ...(pod === undefined ? {} : { pod }) });
    }
  }

  get open(): number {
    return this.#report.open;
  }

  snapshot(): TrafficReport {
    return structuredClone(this.#report);
  }
}
