/** How long `wait-zero` goes on after the last connection has ended, by source. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild } from '../../sandbox/bare/child.ts';
import { type HeldConnection, holdConnectionTo } from '../held-connection.ts';
import { median } from '../measure.ts';
import type { Rehearsal, RehearsalCluster } from '../rehearsal-cluster.ts';
import { runVerb } from '../verb.ts';

export interface Reaction {
  source: string;
  /** The stability window asked for. */
  windowMs: number;
  /** From the end of the last connection to the end of the process, window included; in the order of the runs. */
  runsMs: readonly number[];
  /** The least that the source's own pace allows, for each run; absent where the moment within its period is not known. */
  leastMs?: readonly number[];
}

/** The shortest window of each source: three readings. One pod each, so that they can be watched at the same time. */
const SOURCES = [
  { ordinal: 0, source: 'pod', windowMs: 6000, words: ['--source', 'pod'] },
  {
    ordinal: 1,
    source: 'metrics',
    windowMs: 6000,
    words: ['--source', 'metrics', '--metric', 'sandbox_open_connections'],
  },
  { ordinal: 2, source: 'clb, period 1 s', windowMs: 3000, words: ['--source', 'clb'] },
] as const;

/** Long enough that every source has seen the connection. */
const SHORTEST_HOLD_MS = 4000;

export async function measureReaction(plugin: string, runs: number): Promise<Reaction[]> {
  const cluster = await startChild<RehearsalCluster>(new URL('../rehearsal-cluster.ts', import.meta.url));
  try {
    const rehearsal = await cluster.ask('start', { replicas: 2 * SOURCES.length, readyAfter: '300ms' });
    const measured = SOURCES.map(({ source, windowMs }) => ({ source, windowMs, runsMs: [] as number[] }));
    for (let run = 0; run < runs; run++) {
      const reactions = await oneRun(plugin, rehearsal);
      for (const [index, ms] of reactions.entries()) measured[index]?.runsMs.push(ms);
    }
    return measured;
  } finally {
    await cluster.stop();
  }
}

async function oneRun(plugin: string, { environment, door }: Rehearsal): Promise<number[]> {
  const { PATH, HOME } = process.env;
  const verb = (...words: string[]) => runVerb(plugin, words, { PATH, HOME, ...environment });
  const held: HeldConnection[] = [];
  // One after the other: the load balancer takes turns, and clients in step would get the same pods for ever.
  for (const { ordinal } of SOURCES) held.push(await holdConnectionTo(`nginx-${ordinal}`, door));
  await verb('drain', 'nginx', SOURCES.map(({ ordinal }) => ordinal).join(','));
  const reactions = await Promise.all(
    SOURCES.map(async ({ ordinal, words, windowMs }, index) => {
      const waiting = verb('wait-zero', 'nginx', String(ordinal), ...words, '--stable-for', `${windowMs}ms`);
      // At no fixed place within the period of the source.
      await Promise.race([waiting, sleep(SHORTEST_HOLD_MS + Math.random() * 3000)]);
      const closedMs = (await held[index]?.close()) ?? Number.NaN;
      return (await waiting).endedMs - closedMs;
    }),
  );
  await verb('restore', 'nginx', '--weights-only');
  return reactions;
}

const seconds = (ms: number): string => (ms / 1000).toFixed(1);

export function reactionRows(reactions: readonly Reaction[]): string[][] {
  return [
    [
      'wait-zero, from the last close to its exit',
      'runs',
      'window s',
      'median s',
      'least s',
      'most s',
      'beyond the window s',
      'beyond the least s',
    ],
    ...reactions.map(({ source, windowMs, runsMs, leastMs }) => [
      source,
      String(runsMs.length),
      seconds(windowMs),
      seconds(median(runsMs)),
      seconds(Math.min(...runsMs)),
      seconds(Math.max(...runsMs)),
      seconds(median(runsMs) - windowMs),
      leastMs === undefined ? '-' : seconds(Math.max(...runsMs.map((ms, index) => ms - (leastMs[index] ?? 0)))),
    ]),
  ];
}
