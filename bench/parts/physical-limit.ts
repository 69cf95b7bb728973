/** How quickly an upgrade could go if its driver took no time at all. */

/** When what happened to one pod, ms since the epoch; absent: it did not happen. */
export interface PodTimes {
  ordinal: number;
  createdMs: number;
  /** Ready, its gate too. */
  readyMs?: number;
  /** The weights that drained it were written, and were first seen at the load balancer. */
  writtenMs?: number;
  zeroMs?: number;
  /** The load balancer last carried a connection to it after that; `zeroMs` when it had none. */
  lastBusyMs?: number;
  deletedMs?: number;
}

export interface BatchLimit {
  /** From the written weights to those at the load balancer. */
  lagMs: number;
  /** From then to the end of the last connection. */
  longestMs: number;
  /** The slowest replacement, from its creation until it is ready. */
  slowestStartMs: number;
  /** From the end of the last connection to the first delete: what waiting for zero takes. */
  reactionMs: number;
  /** From the first delete until the last replacement is created: the old pods end. */
  replaceMs: number;
}

/** Batches in the order of their ordinals. `times` has the pods from before the upgrade and their replacements. Throws when a pod was not drained, or not replaced by a ready one. */
export function batchLimits(times: readonly PodTimes[], batch: number): BatchLimit[] {
  const ordinals = [...new Set(times.map(({ ordinal }) => ordinal))].sort((a, b) => a - b);
  return Array.from({ length: Math.ceil(ordinals.length / batch) }, (_, index) => {
    const pods = ordinals.slice(index * batch, (index + 1) * batch).map((ordinal) => replacementOf(times, ordinal));
    const most = (value: (pod: Replacement) => number) => Math.max(...pods.map(value));
    const zeroMs = most(({ zeroMs }) => zeroMs);
    const quietMs = most(({ lastBusyMs }) => lastBusyMs);
    const deletedMs = Math.min(...pods.map((pod) => pod.deletedMs));
    return {
      lagMs: zeroMs - most(({ writtenMs }) => writtenMs),
      longestMs: quietMs - zeroMs,
      slowestStartMs: most(({ startMs }) => startMs),
      reactionMs: deletedMs - quietMs,
      replaceMs: most(({ createdMs }) => createdMs) - deletedMs,
    };
  });
}

interface Replacement {
  writtenMs: number;
  zeroMs: number;
  lastBusyMs: number;
  deletedMs: number;
  createdMs: number;
  startMs: number;
}

function replacementOf(times: readonly PodTimes[], ordinal: number): Replacement {
  const [former, latter] = times.filter((pod) => pod.ordinal === ordinal).sort((a, b) => a.createdMs - b.createdMs);
  const { writtenMs, zeroMs, lastBusyMs, deletedMs } = former ?? {};
  if (writtenMs === undefined || zeroMs === undefined || lastBusyMs === undefined || deletedMs === undefined)
    throw new Error(`pod ${ordinal} was not drained and deleted`);
  if (latter?.readyMs === undefined) throw new Error(`pod ${ordinal} was not replaced by a ready one`);
  const { createdMs, readyMs } = latter;
  return { writtenMs, zeroMs, lastBusyMs, deletedMs, createdMs, startMs: readyMs - createdMs };
}

export interface Overhead {
  batches: number;
  /** Sums over the batches. */
  lagMs: number;
  longestMs: number;
  slowestStartMs: number;
  reactionMs: number;
  replaceMs: number;
  /** The time that the upgrade cannot beat. */
  limitMs: number;
  tookMs: number;
  overheadPercent: number;
}

export function overheadOf(limits: readonly BatchLimit[], tookMs: number): Overhead {
  const sum = (value: (limit: BatchLimit) => number) => limits.reduce((total, limit) => total + value(limit), 0);
  const lagMs = sum((limit) => limit.lagMs);
  const longestMs = sum((limit) => limit.longestMs);
  const slowestStartMs = sum((limit) => limit.slowestStartMs);
  const limitMs = lagMs + longestMs + slowestStartMs;
  const overheadPercent = (100 * (tookMs - limitMs)) / limitMs;
  return {
    batches: limits.length,
    lagMs,
    longestMs,
    slowestStartMs,
    reactionMs: sum((limit) => limit.reactionMs),
    replaceMs: sum((limit) => limit.replaceMs),
    limitMs,
    tookMs,
    overheadPercent,
  };
}
