/**
 * How long `wait-zero` takes on a clock that waits for nothing: the real flow and sources in memory, so that no load on the machine
 * shows, against the least that the source's own pace allows.
 */

import { createLoadBalancer } from '../../lib/clb/clb-load-balancer.ts';
import type { Cloud } from '../../lib/clb/cloud.ts';
import { drain } from '../../lib/flows/verbs/drain.ts';
import { waitZero } from '../../lib/flows/verbs/wait-zero.ts';
import { overriding } from '../../lib/ports/overriding.ts';
import type { ConnectionSource, Kube } from '../../lib/ports.ts';
import { createClbMonitor } from '../../lib/sources/clb-monitor/clb-monitor.ts';
import { createMetrics } from '../../lib/sources/metrics/count-metrics.ts';
import { parseMetricSelector } from '../../lib/sources/metrics/selector.ts';
import { createPodSockets } from '../../lib/sources/pod-sockets/pod-sockets.ts';
import { common, type Rehearsal, rehearse } from '../../test/flows/rehearsal/rehearsal.ts';
import { countingCloud } from '../requests/counting-cloud.ts';
import { socketTables } from '../socket-tables.ts';
import type { Reaction } from './reaction.ts';

interface Paced {
  source: string;
  periodMs: number;
  /** Three periods: no window by Cloud Monitor is shorter. */
  windowMs: number;
  /** From the end of a period until its point is final. */
  finalAfterMs: number;
  worldOf: (rehearsal: Rehearsal, closedMs: number) => Rehearsal['world'];
}

const POD: Paced = {
  source: 'pod (simulated clock)',
  periodMs: 3_000,
  windowMs: 9_000,
  finalAfterMs: 0,
  worldOf: ({ world, kube, clock }, closedMs) => {
    const watched = overriding<Kube>(kube, {
      exec: async (pod) => socketTables(pod !== 'nginx-0' || clock.now() < closedMs),
    });
    const options = { kube: watched, clock, warn: () => undefined, debugImage: undefined, mayWrite: true };
    return { ...world, sources: [createPodSockets(options)] };
  },
};

const GAUGE = 'open_connections';

const METRICS: Paced = {
  source: 'metrics (simulated clock)',
  periodMs: 3_000,
  windowMs: 9_000,
  finalAfterMs: 0,
  worldOf: ({ world, kube, clock }, closedMs) => {
    const scraped = overriding<Kube>(kube, {
      getText: async (path) => {
        const isHeld = !path.includes('/pods/nginx-0:') || clock.now() < closedMs;
        return `# TYPE ${GAUGE} gauge\n${GAUGE} ${isHeld ? 1 : 0}\n`;
      },
    });
    const selector = parseMetricSelector(GAUGE, 'metric');
    const options = { kube: scraped, clock, warn: () => undefined, selector, port: undefined, path: '/metrics' };
    return { ...world, sources: [createMetrics(options)] };
  },
};

const CLB: Paced = {
  source: 'clb, period 60 s (simulated clock)',
  periodMs: 60_000,
  windowMs: 180_000,
  // Its time is the beginning of its period, and it is final two periods later.
  finalAfterMs: 60_000,
  worldOf: ({ world, balancer, clock }, closedMs) => {
    const base = countingCloud(balancer, ['lb-nginx'], clock);
    const cloud = { ...base, call: busyUntil(base, closedMs) };
    const sources: ConnectionSource[] = [createClbMonitor(cloud, clock)];
    return { ...world, balancer: createLoadBalancer(cloud, clock), sources };
  },
};

const PHASES = 12;

/** The last connection ends at every twelfth of a period. */
export async function simulatedReactions(): Promise<Reaction[]> {
  const reactions: Reaction[] = [];
  for (const paced of [POD, METRICS, CLB]) {
    const runsMs: number[] = [];
    const leastMs: number[] = [];
    for (let phase = 0; phase < PHASES; phase++) {
      const sinceMs = (phase * paced.periodMs) / PHASES;
      runsMs.push(await oneRun(paced, sinceMs));
      leastMs.push(leastOf(paced, sinceMs));
    }
    reactions.push({ source: paced.source, windowMs: paced.windowMs, runsMs, leastMs });
  }
  return reactions;
}

/** The rest of the period in which the connection ended (for a source of moments: until it is read again), the window, and until its last point is final. */
const leastOf = ({ periodMs, windowMs, finalAfterMs }: Paced, sinceMs: number): number =>
  (sinceMs === 0 ? 0 : periodMs - sinceMs) + windowMs + finalAfterMs;

async function oneRun({ periodMs, windowMs, worldOf }: Paced, sinceMs: number): Promise<number> {
  const rehearsal = rehearse({ replicas: 10 });
  const { clock } = rehearsal;
  const ordinals = [0];
  const closedMs = Math.ceil(clock.now() / periodMs) * periodMs + 2 * periodMs + sinceMs;
  const world = worldOf(rehearsal, closedMs);
  await drain(world, { ...common, ordinals });
  await waitZero(world, { ...common, ordinals, stableForMs: windowMs, maxConnections: 0, timeoutMs: 3_600_000 });
  return clock.now() - closedMs;
}

/** One connection in every period that began before this moment. */
function busyUntil(base: Cloud, closedMs: number): Cloud['call'] {
  return async (service, action, params, options) => {
    const answer = await base.call(service, action, params, options);
    if (action !== 'GetMonitorData') return answer;
    const points = answer['DataPoints'] as { Timestamps: number[]; Values: number[] }[];
    return {
      ...answer,
      DataPoints: points.map((point) => ({
        ...point,
        Values: point.Values.map((value, index) => ((point.Timestamps[index] ?? 0) * 1000 < closedMs ? 1 : value)),
      })),
    };
  };
}
