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
  /** How long a pod takes from its birth until it is ready; undefined: unknown. */
  startMs: number | undefined;
  soakMs: number;
}

/** The plan with the least time of each step and of the whole, and the connections that its waits begin with. */
export function estimated(plan: UpgradePlan, present: Present): UpgradePlan {
  const steps = plan.steps.map((step) => ({ ...step, ...estimateOf(step, present) }));
  const counts = plan.batches.flat().map((ordinal) => present.connections.get(ordinal));
  return {
    ...plan,
    steps,
    leastMs: steps.reduce((sum, { leastMs = 0 }) => sum + leastMs, 0),
    connections: total(counts),
  };
}

function estimateOf(step: PlanStep, present: Present): Pick<PlanStep, 'leastMs' | 'connections'> {
  const [verb] = step.words;
  if (step.tool === 'kubectl') return {};
  if (verb === 'wait-zero') {
    const counts = step.ordinals.map((ordinal) => present.connections.get(ordinal));
    return { leastMs: present.zeroMs, connections: total(counts) };
  }
  if (verb === 'recreate' || verb === 'surge') return present.startMs === undefined ? {} : { leastMs: present.startMs };
  return verb === 'verify' && step.words.includes('--for') ? { leastMs: present.soakMs } : {};
}

/** One that is unknown makes the sum unknown. */
const total = (counts: readonly (number | undefined)[]): number | null =>
  counts.reduce<number | null>((sum, count) => (sum === null || count === undefined ? null : sum + count), 0);

/** A stability window of the slowest source, and until its last point is final; no source known: the stability window alone. */
export const zeroMsOf = (cadences: readonly Cadence[], stableForMs: number): number =>
  Math.max(stableForMs, ...cadences.map((cadence) => windowMs(cadence, stableForMs) + cadence.settleMs));

/** The median over the pods that are ready: one that was unready in between shows a longer time than its start. */
export function startMsOf(pods: readonly PodFacts[]): number | undefined {
  const times = pods
    .filter((pod) => pod.ready)
    .map((pod) => parseTime(pod.readySince) - parseTime(pod.createdAt))
    .filter((ms) => ms >= 0)
    .sort((a, b) => a - b);
  return times[Math.floor(times.length / 2)];
}
