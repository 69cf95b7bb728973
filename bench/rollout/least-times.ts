/** The least time that `plan` tells, against what the run takes where no client is connected: the real flows on the simulated clock. */

import type { PlanIntent, UpgradeIntent } from '../../lib/core/intent/intent.ts';
import type { UpgradePlan } from '../../lib/core/plan/upgrade-plan.ts';
import { plan } from '../../lib/flows/verbs/plan.ts';
import { upgrade } from '../../lib/flows/verbs/upgrade.ts';
import { overriding } from '../../lib/ports/overriding.ts';
import type { Kube, World } from '../../lib/ports.ts';
import { createPodSockets } from '../../lib/sources/pod-sockets/pod-sockets.ts';
import { quiet } from '../../test/flows/rehearsal/quiet.ts';
import { socketTables } from '../socket-tables.ts';
import { intentOf, type RolloutWish, SIZE } from './one-rollout.ts';

export interface LeastTime {
  pods: number;
  way: RolloutWish['way'];
  soakMs: number;
  leastMs: number;
  tookMs: number;
}

const PODS = [10, 100];
const SOAKS_MS = [0, 600_000];

export async function measureLeastTimes(): Promise<LeastTime[]> {
  const times: LeastTime[] = [];
  for (const pods of PODS)
    for (const way of ['window', 'batches'] as const)
      for (const soakMs of SOAKS_MS) times.push({ pods, way, soakMs, ...(await compare(pods, way, soakMs)) });
  return times;
}

async function compare(
  replicas: number,
  way: RolloutWish['way'],
  soakMs: number,
): Promise<Pick<LeastTime, 'leastMs' | 'tookMs'>> {
  const { world, kube, clock } = quiet({ replicas, maxSleeps: Number.POSITIVE_INFINITY });
  const size = Math.min(SIZE, replicas / 2);
  const intent: UpgradeIntent = { ...intentOf({ way, size, soakMs }), batch: size };
  const idle = overriding<Kube>(kube, { exec: async () => socketTables(false) });
  const options = { kube: idle, clock, warn: () => undefined, debugImage: undefined, mayWrite: true };
  const own: World = { ...world, kube: idle, sources: [createPodSockets(options)] };
  const wish: PlanIntent = { ...intent, countingWords: [] };
  const { leastMs = Number.NaN } = (await plan(own, wish)).details as UpgradePlan;
  const beganMs = clock.now();
  await upgrade(own, intent);
  return { leastMs, tookMs: clock.now() - beganMs };
}

export function leastTimeRows(times: readonly LeastTime[]): string[][] {
  const minutes = (ms: number): string => (ms / 60_000).toFixed(1);
  return [
    ['the least time of plan, no client connected', 'plan says min', 'the run takes min', 'ratio'],
    ...times.map(({ pods, way, soakMs, leastMs, tookMs }) => [
      `${pods} pods, ${way}, soak ${soakMs / 60_000} min`,
      minutes(leastMs),
      minutes(tookMs),
      (tookMs / leastMs).toFixed(3),
    ]),
  ];
}
