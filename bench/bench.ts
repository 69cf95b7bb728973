/**
 * `make bench`: the plugin against kubectl on one machine, in one run, on the sandbox's API server. Prints tables and
 * writes dist/bench.json. BENCH_QUICK=1 runs fewer rounds on fewer pods;
 * BENCH_ROUNDS and BENCH_SIZES=10,100 choose them.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureGrowth } from './growth.ts';
import { unpacked } from './installed.ts';
import type { Figures } from './measure.ts';
import { startBenchServer } from './pods.ts';
import { realKubectl } from './real-kubectl.ts';
import { countRequests } from './requests.ts';
import { measureStartUp } from './start-up.ts';
import { renderFigures } from './table.ts';

const ROOT = join(import.meta.dirname, '..');
const quick = process.env['BENCH_QUICK'] === '1';
const rounds = Number(process.env['BENCH_ROUNDS'] ?? (quick ? 5 : 20));
const sizes = process.env['BENCH_SIZES']?.split(',').map(Number) ?? (quick ? [10, 100] : [10, 100, 1000, 5000]);

const kubectl = realKubectl();
const folder = await mkdtemp(join(tmpdir(), 'zeroloss-bench-'));
try {
  const bench = { ...(await unpacked(ROOT, folder)), kubectl: kubectl.path, rounds };
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${process.platform} ${process.arch}`;
  console.log(
    `kubectl ${kubectl.version}, Node ${process.version}, ${machine}, medians of ${rounds} interleaved runs\n`,
  );
  const server = await startBenchServer();
  const tables: Record<string, Figures[]> = {};
  try {
    const report = (title: string, figures: Figures[]) => {
      tables[title] = figures;
      console.log(renderFigures(title, figures));
    };
    await measureStartUp({ ...bench, server }, report);
    await measureGrowth({ ...bench, server, sizes }, report);
  } finally {
    await server.stop();
  }
  const requests = await countRequests(bench);
  console.log('requests of one verb on ten pods');
  for (const { verb, cluster, cloud } of requests)
    console.log(`${verb.padEnd(40)} cluster ${String(cluster).padStart(3)}  cloud ${String(cloud).padStart(3)}`);
  await mkdir(join(ROOT, 'dist'), { recursive: true });
  const result = { kubectl: kubectl.version, node: process.version, machine, rounds, sizes, tables, requests };
  await writeFile(join(ROOT, 'dist', 'bench.json'), `${JSON.stringify(result, undefined, 2)}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
