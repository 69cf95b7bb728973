/**
 * `node --import tsx bench/profile/main.ts [RUNS]`: where the time of `status --no-cloud` goes that Node alone does not take for the
 * same requests. Profiles the npm package (make build first) and bench/node-floor.cjs in turn, and prints the table of
 * docs/dev/performance.md.
 */
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BareCluster } from '../../sandbox/bare/bare-cluster.ts';
import { startChild } from '../../sandbox/bare/child.ts';
import { median } from '../measure.ts';
import { renderRows } from '../table.ts';
import { type CpuProfile, KINDS, type Kind, timesOf } from './kinds.ts';

const RUNS = 40;
const INTERVAL_MICROSECONDS = 100;
const ROOT = join(import.meta.dirname, '../..');

const runs = Number(process.argv[2] ?? RUNS);
const folder = await mkdtemp(join(tmpdir(), 'zeroloss-profile-'));
const cluster = await startChild<BareCluster>(new URL('../../sandbox/bare/bare-cluster.ts', import.meta.url));
try {
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, ...(await cluster.ask('environment')) };
  const { namespace } = await cluster.ask('createSet', 10);
  const programs = {
    floor: [join(ROOT, 'bench/node-floor.cjs'), namespace],
    status: [join(ROOT, 'dist/npm/kubectl-zeroloss.cjs'), 'status', 'web', '--no-cloud', '-n', namespace],
  };
  for (let run = 0; run < runs; run++) {
    for (const [name, words] of Object.entries(programs)) profileOne(name, words, env);
  }
  console.log(renderRows(rows(timesBelow('floor'), timesBelow('status'))));
} finally {
  await cluster.stop();
  await rm(folder, { recursive: true, force: true });
}

function profileOne(name: string, words: readonly string[], env: NodeJS.ProcessEnv): void {
  const profiler = [
    '--cpu-prof',
    `--cpu-prof-interval=${INTERVAL_MICROSECONDS}`,
    `--cpu-prof-dir=${join(folder, name)}`,
  ];
  const { status, stderr } = spawnSync(process.execPath, [...profiler, ...words], { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${words.join(' ')} ended with ${status}: ${stderr}`);
}

function timesBelow(name: string): ReadonlyMap<Kind, number>[] {
  return globSync(join(folder, name, '*.cpuprofile')).map((file) =>
    timesOf(JSON.parse(readFileSync(file, 'utf8')) as CpuProfile),
  );
}

/** Medians of all runs, kind by kind. */
function rows(floor: readonly ReadonlyMap<Kind, number>[], status: readonly ReadonlyMap<Kind, number>[]): string[][] {
  const middle = (runs: typeof floor, kind: Kind) => median(runs.map((times) => times.get(kind) ?? 0));
  const all = KINDS.map((kind) => ({ kind, alone: middle(floor, kind), ours: middle(status, kind) }));
  const sum = (of: (one: (typeof all)[number]) => number) => all.reduce((total, one) => total + of(one), 0);
  const row = (name: string, alone: number, ours: number) => [
    name,
    alone.toFixed(1),
    ours.toFixed(1),
    (ours - alone).toFixed(1),
  ];
  return [
    ['status --no-cloud in a profile, ms', 'Node alone', 'npm package', 'more'],
    ...all.map(({ kind, alone, ours }) => row(kind, alone, ours)),
    row(
      'together',
      sum(({ alone }) => alone),
      sum(({ ours }) => ours),
    ),
  ];
}
