/** Live traffic through a load balancer, with every connection's fate on record. */

import { Ledger, type TrafficReport } from './report.ts';
import { type Bench, IDLE_TIMEOUT_MS, runKeepAlive, runShort, runStream } from './traffic-clients.ts';

export interface TrafficOptions {
  host: string;
  port: number;
  /** New short connections a second; 0 = none. */
  shortPerSecond: number;
  keepAliveClients: number;
  streamClients: number;
  /** Shortest and longest stream that a client asks for. */
  streamMs: readonly [number, number];
  /** Uniform in [0, 1). */
  random?: () => number;
  now?: () => number;
}

export interface TrafficRun {
  snapshot(): TrafficReport;
  /** Opens nothing more, lets what is open end (bounded by the longest stream), then reports. Twice gives the same report. */
  stop(): Promise<TrafficReport>;
  /** Opens nothing more and gives up on what is open, at once. */
  halt(): void;
}

const TICK_MS = 20;
/** After a stall of the process at most this much is caught up on; the rest is counted as skipped. */
const LONGEST_CATCH_UP_MS = 250;

/** Starts at once. Throws RangeError on a negative rate or number of clients, or when streamMs is not [shortest, longest]. */
export function startTraffic(options: TrafficOptions): TrafficRun {
  checkOptions(options);
  const now = options.now ?? Date.now;
  const ledger = new Ledger();
  const timers = new Set<NodeJS.Timeout>();
  let stopping = false;
  const bench: Bench = {
    host: options.host,
    port: options.port,
    ledger,
    now,
    random: options.random ?? Math.random,
    open: new Set(),
    get stopping() {
      return stopping;
    },
    later(ms, action) {
      const timer = setTimeout(() => {
        timers.delete(timer);
        action();
      }, ms);
      timers.add(timer);
    },
  };

  const ticker = setInterval(startPacing(bench, options.shortPerSecond), TICK_MS);
  // Spread the first connects, so that all clients do not move in step for ever.
  for (let i = 0; i < options.keepAliveClients; i += 1) bench.later(10 * i, () => runKeepAlive(bench));
  for (let i = 0; i < options.streamClients; i += 1) bench.later(20 * i, () => runStream(bench, options.streamMs));

  let stopped: Promise<TrafficReport> | undefined;
  const close = () => {
    stopping = true;
    clearInterval(ticker);
    for (const timer of timers) clearTimeout(timer);
  };
  const finish = async () => {
    close();
    for (const connection of [...bench.open]) connection.finish();
    await untilNoneOpen(bench, options.streamMs[1] + IDLE_TIMEOUT_MS);
    return ledger.snapshot();
  };
  return {
    snapshot: () => ledger.snapshot(),
    stop: () => {
      stopped ??= finish();
      return stopped;
    },
    halt: () => {
      close();
      for (const connection of [...bench.open]) connection.abandon();
    },
  };
}

/** Returns the tick: opens as many short connections as are due by the clock. */
function startPacing(bench: Bench, perSecond: number): () => void {
  const mostOpen = Math.max(100, 2 * perSecond);
  let lastMs = bench.now();
  let due = 0;
  return () => {
    const nowMs = bench.now();
    due += ((nowMs - lastMs) * perSecond) / 1_000;
    lastMs = nowMs;
    const wanted = Math.floor(due);
    due -= wanted;
    const room = Math.max(0, mostOpen - bench.open.size);
    const opening = Math.min(wanted, room, Math.ceil((LONGEST_CATCH_UP_MS * perSecond) / 1_000));
    if (wanted > opening) bench.ledger.skipped(wanted - opening);
    for (let i = 0; i < opening; i += 1) runShort(bench);
  };
}

function untilNoneOpen(bench: Bench, withinMs: number): Promise<void> {
  return new Promise((resolve) => {
    const deadlineMs = Date.now() + withinMs;
    const poll = setInterval(() => {
      if (Date.now() >= deadlineMs) for (const connection of [...bench.open]) connection.abandon();
      if (bench.open.size > 0) return;
      clearInterval(poll);
      resolve();
    }, TICK_MS);
  });
}

function checkOptions(options: TrafficOptions): void {
  const [shortestMs, longestMs] = options.streamMs;
  if (!(options.shortPerSecond >= 0) || !(options.keepAliveClients >= 0) || !(options.streamClients >= 0))
    throw new RangeError('shortPerSecond, keepAliveClients and streamClients must be 0 or more');
  if (!(shortestMs > 0 && shortestMs <= longestMs))
    throw new RangeError(`streamMs must be [shortest, longest] in milliseconds, got [${shortestMs}, ${longestMs}]`);
}
