/** A whole upgrade under traffic, against what it cannot be quicker than. */

import { startChild } from '../../sandbox/bare/child.ts';
import { startTraffic } from '../../sandbox/traffic/start-traffic.ts';
import type { RehearsalCluster } from '../rehearsal-cluster.ts';
import { runVerb } from '../verb.ts';
import { batchLimits, type Overhead, overheadOf } from './physical-limit.ts';

export interface UpgradeScale {
  replicas: number;
  batch: number;
  streamClients: number;
  streamMs: readonly [number, number];
  readyAfter: string;
}

/**
 * About sixty times quicker than at work: streams of up to 10 s for ten minutes, a start of 2 s for two minutes, Cloud
 * Monitor's period of 1 s for its 60. Work that the plugin does at its own pace, such as asking twice a second whether the
 * load balancer shows the weights, is not quicker, and so weighs more than it does at work.
 */
export const FULL: UpgradeScale = {
  replicas: 100,
  batch: 10,
  streamClients: 100,
  streamMs: [2000, 10_000],
  readyAfter: '2s',
};
export const QUICK: UpgradeScale = { ...FULL, replicas: 20, batch: 5, streamClients: 20, streamMs: [1000, 4000] };

/** The shortest window there is with the sandbox's counts, which come every second: three of them. */
const STABLE_FOR = '3s';

export interface MeasuredUpgrade extends Overhead {
  scale: UpgradeScale;
  stableFor: string;
  connections: number;
  lost: number;
}

export async function measureUpgrade(plugin: string, scale: UpgradeScale): Promise<MeasuredUpgrade> {
  const cluster = await startChild<RehearsalCluster>(new URL('../rehearsal-cluster.ts', import.meta.url));
  try {
    const { environment, door } = await cluster.ask('start', scale);
    const { streamClients, streamMs, batch } = scale;
    const traffic = startTraffic({ ...door, shortPerSecond: 50, keepAliveClients: 20, streamClients, streamMs });
    try {
      const { PATH, HOME } = process.env;
      const words = ['upgrade', 'nginx', '--image', 'nginx=nginx:1.25.4', '--batch', String(batch), '--yes'];
      const counting = ['--source', 'clb', '--stable-for', STABLE_FOR];
      const beganMs = Date.now();
      const { endedMs } = await runVerb(plugin, [...words, ...counting], { PATH, HOME, ...environment });
      const { connections, lost } = await traffic.stop();
      const limits = batchLimits(await cluster.ask('times'), batch);
      return { ...overheadOf(limits, endedMs - beganMs), scale, stableFor: STABLE_FOR, connections, lost: lost.length };
    } finally {
      await traffic.stop();
    }
  } finally {
    await cluster.stop();
  }
}

export function upgradeRows(measured: MeasuredUpgrade): string[][] {
  const { scale, batches, limitMs, tookMs, overheadPercent } = measured;
  const row = (name: string, ms: number) => [name, (ms / 1000).toFixed(1), (ms / 1000 / batches).toFixed(2)];
  return [
    [`upgrade of ${scale.replicas} pods, ${scale.batch} at a time`, 'seconds', 'a batch'],
    row('load balancer shows the weights', measured.lagMs),
    row('last connection of the batch ends', measured.longestMs),
    row('slowest replacement is ready', measured.slowestStartMs),
    row('= physical limit', limitMs),
    row(`waiting for zero, ${measured.stableFor} of it asked for`, measured.reactionMs),
    row('the old pods end', measured.replaceMs),
    row('everything else', tookMs - limitMs - measured.reactionMs - measured.replaceMs),
    row('= took', tookMs),
    [`overhead ${overheadPercent.toFixed(0)} %; ${measured.lost} of ${measured.connections} connections lost`],
  ];
}
