/** How long `wait-zero` takes by Cloud Monitor at the cloud's own period of 60 s: the real flow and adapters in memory, on a clock that waits for nothing. */

import { createLoadBalancer } from '../../lib/clb/clb-load-balancer.ts';
import type { Cloud } from '../../lib/clb/cloud.ts';
import { drain } from '../../lib/flows/verbs/drain.ts';
import { waitZero } from '../../lib/flows/verbs/wait-zero.ts';
import { createClbMonitor } from '../../lib/sources/clb-monitor/clb-monitor.ts';
import { common, rehearse } from '../../test/flows/rehearsal/rehearsal.ts';
import { countingCloud } from '../requests/counting-cloud.ts';
import type { Reaction } from './reaction.ts';

/** Three periods: no window by Cloud Monitor is shorter. */
const WINDOW_MS = 180_000;
const PHASES = 12;

/** The last connection ends at every twelfth of a period. */
export async function monitorReaction(): Promise<Reaction> {
  const runsMs: number[] = [];
  for (let phase = 0; phase < PHASES; phase++) runsMs.push(await oneRun((phase * 60_000) / PHASES));
  return { source: 'clb, period 60 s (simulated clock)', windowMs: WINDOW_MS, runsMs };
}

async function oneRun(phaseMs: number): Promise<number> {
  const { world, balancer, clock } = rehearse({ replicas: 10 });
  const ordinals = [0];
  const base = countingCloud(balancer, ['lb-nginx'], clock);
  const closedMs = Math.ceil(clock.now() / 60_000) * 60_000 + 120_000 + phaseMs;
  const cloud = { ...base, call: busyUntil(base, closedMs) };
  const real = { ...world, balancer: createLoadBalancer(cloud, clock), sources: [createClbMonitor(cloud, clock)] };
  await drain(real, { ...common, ordinals });
  await waitZero(real, { ...common, ordinals, stableForMs: WINDOW_MS, maxConnections: 0, timeoutMs: 3_600_000 });
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
