/** The source of Cloud Monitor over a cloud that answers as a test says, at the turn of 2026. */
import type { TestContext } from 'node:test';
import type { CountedBackend, Point } from '../../../lib/ports.ts';
import { createClbMonitor } from '../../../lib/sources/clb-monitor/clb-monitor.ts';
import { connected } from '../../clb/connected.ts';
import type { Script } from '../../clb/fake-cloud.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { dimensions, pods, type World } from './backends.ts';
import { type MonitorOptions, monitorScript } from './fake-monitor.ts';

export const MINUTE = 60_000;
export const T0 = Date.UTC(2026, 0, 1);
export const busy = (ordinal: number) => ({ dimensions: dimensions(ordinal), wave: () => 7 });
export const idle = (ordinal: number) => ({ dimensions: dimensions(ordinal), wave: () => 0 });

export async function open(t: TestContext, script: MonitorOptions | Script, world: World = {}) {
  const full = 'series' in script ? monitorScript(script as MonitorOptions) : (script as Script);
  const clock = new FakeClock({ startMs: T0 });
  const connection = await connected(t, full, { clock });
  const source = createClbMonitor(connection.cloud, clock);
  const { drained, siblings } = pods(world);
  return {
    ...connection,
    source,
    drained,
    siblings,
    prove: async (others: readonly CountedBackend[] = siblings) => (await source.prove([drained], others))[0],
    read: async (sinceMs: number) => (await source.read([drained], sinceMs))[0],
  };
}

export const minutes = (points: readonly Point[] | undefined) =>
  points?.map(({ atMs, value }) => [(atMs - T0) / MINUTE, value]);
