/**
 * How long a plan takes, by what is known now. Only lower bounds: a connection ends when its owner ends it, at an unknown
 * time, so the plan shows the number of connections instead.
 */

import type { PodFacts } from '../target/pod.ts';
import { parseTime } from '../values/time.ts';
import type { Cadence } from '../zero/connection-series.ts';
import { windowMs } from '../zero/verdict.ts';
import type { PlanStep, UpgradePlan } from './upgrade-plan.ts';

/** The state of the target at this moment. */
export interface Present {
  /** Open connections by ordinal; an ordinal that is not in it is unknown, never zero. */
  connections: ReadonlyMap<number, number>;
  /** How long a wait for zero takes without any connection. */
  zeroMs: number;
  /** The same of pods that are drained already, by ordinal: part of their time may be over. */
  zeroLeftMs?: ReadonlyMap<number, number>;
  /** How long a pod takes from its birth until it is ready; undefined: unknown. */
  startMs: number | undefined;
  /** OrderedReady: pods that are replaced together start one after the other. */
  ordered?: boolean;
  soakMs: number;
}

/** The plan with the least time of each step and of the whole, and the connections that its waits begin with. */
export function estimated(plan: UpgradePlan, present: Present): UpgradePlan {
  const steps = plan.steps.map((step) => ({ ...step, ...estimateOf(step, present) }));
  const counts = plan.batches.flat().map((ordinal) => present.connections.get(ordinal));
  const once = steps.filter(({ loop }) => loop !== true).reduce((sum, { leastMs = 0 }) => sum + leastMs, 0);
  return { ...plan, steps, leastMs: once + loopMs(plan, present), connections: total(counts) };
}

/**
 * The least that the window takes: one of its places takes at least its share of any of the pods, one after the other, and OrderedReady
 * starts all of them one after the other. The wait for the surplus is a step of its own.
 */
function loopMs({ window, batches, steps }: UpgradePlan, present: Present): number {
  const { zeroMs, startMs = 0, soakMs, zeroLeftMs, ordered } = present;
  if (window === undefined || !steps.some(({ loop }) => loop === true)) return 0;
  const all = batches.flat();
  const begun = all.filter((ordinal) => zeroLeftMs?.has(ordinal) === true).length;
  // Pods that are drained beside one another already come to their ends beside one another.
  const places = Math.max(window.maxUnavailable, begun);
  const times = all.map((ordinal) => Math.min(zeroMs, zeroLeftMs?.get(ordinal) ?? zeroMs) + startMs + soakMs);
  const starts = ordered === true ? all.length * startMs + soakMs : 0;
  return Math.max(leastOfPlaces(times, places), starts);
}

/** Of the `count` longest some place takes its share or more, and these are at least the shortest among them. */
function leastOfPlaces(times: readonly number[], places: number): number {
  const longest = times.toSorted((a, b) => b - a);
  const sums = [0];
  for (const ms of longest) sums.push((sums.at(-1) ?? 0) + ms);
  const least = longest.map((_, index) => {
    const count = index + 1;
    return (sums[count] ?? 0) - (sums[count - Math.ceil(count / places)] ?? 0);
  });
  return Math.max(0, ...least);
}

function estimateOf(step: PlanStep, present: Present): Pick<PlanStep, 'leastMs' | 'connections'> {
  const [verb] = step.words;
  if (step.tool === 'kubectl') return {};
  if (verb === 'wait-zero') {
    const counts = step.ordinals.map((ordinal) => present.connections.get(ordinal));
    const waits = step.ordinals.map((ordinal) => present.zeroLeftMs?.get(ordinal) ?? present.zeroMs);
    return { leastMs: Math.max(0, ...waits), connections: total(counts) };
  }
  if (verb === 'recreate' || verb === 'surge') return startOf(step, present);
  return verb === 'verify' && step.words.includes('--for') ? { leastMs: present.soakMs } : {};
}

/** A pod that an earlier run has replaced may be ready by now: nothing is counted for it. */
function startOf({ batch, ordinals, words, loop }: PlanStep, { startMs, ordered }: Present): Pick<PlanStep, 'leastMs'> {
  if (startMs === undefined || (words[0] === 'recreate' && batch === 0 && loop !== true)) return {};
  const count = words[0] === 'surge' ? Number(words[2]) : ordinals.length;
  return { leastMs: startMs * (ordered === true && loop !== true ? Math.max(1, count) : 1) };
}

/** One that is unknown makes the sum unknown. */
const total = (counts: readonly (number | undefined)[]): number | null =>
  counts.reduce<number | null>((sum, count) => (sum === null || count === undefined ? null : sum + count), 0);

/** A stability window of the slowest source, and until its last point is final; no source known: the stability window alone. */
export const zeroMsOf = (cadences: readonly Cadence[], stableForMs: number): number =>
  Math.max(stableForMs, ...cadences.map((cadence) => windowMs(cadence, stableForMs) + cadence.settleMs));

/** Two times of whole seconds are a second further apart than what they stand for, at most. */
const WHOLE_SECOND_MS = 1_000;

/** The least that a pod that is ready has taken: one that was unready in between shows a longer time than its start. */
export const startMsOf = (pods: readonly PodFacts[]): number | undefined => createStartTimes()(pods);

/** As `startMsOf`, for looks that follow one another: the times of a pod that has not changed since are read once. */
export function createStartTimes(): typeof startMsOf {
  const known = new Map<string, { readySince: string; ms: number }>();
  const msOf = ({ uid, readySince, createdAt }: PodFacts): number => {
    const before = known.get(uid);
    if (before?.readySince === readySince) return before.ms;
    const ms = parseTime(readySince) - parseTime(createdAt);
    known.set(uid, { readySince, ms });
    return ms;
  };
  let last: { pods: readonly PodFacts[]; leastMs: number | undefined } | undefined;
  return (pods) => {
    if (last?.pods !== pods) last = { pods, leastMs: leastOf(pods) };
    return last.leastMs;
  };
  function leastOf(pods: readonly PodFacts[]): number | undefined {
    const times = pods.flatMap((pod) => (pod.ready ? [msOf(pod)] : [])).filter((ms) => ms >= 0);
    return times.length === 0 ? undefined : Math.max(0, Math.min(...times) - WHOLE_SECOND_MS);
  }
}
