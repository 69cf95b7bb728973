/**
 * `make bench`: the plugin against kubectl on one machine, in one run. Prints tables, writes dist/bench.json, and
 * dist/bench.md for docs/dev/performance.md.
 * BENCH_QUICK=1 runs fewer rounds on fewer pods; BENCH_ONLY=start-up,build-steps,growth,requests,reaction,upgrade,rollout runs some
 * of the parts; BENCH_ROUNDS=9 and BENCH_SIZES=10,100 choose rounds and numbers of pods, BENCH_SEEDS=5 the rollouts of each kind.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BareCluster } from '../sandbox/bare/bare-cluster.ts';
import { startChild } from '../sandbox/bare/child.ts';
import { unpacked } from './installed.ts';
import type { Figures } from './measure.ts';
import { measureBuildSteps } from './parts/build-steps.ts';
import { measureGrowth } from './parts/growth.ts';
import { measureReaction, reactionRows } from './parts/reaction.ts';
import { countRequests } from './parts/requests.ts';
import { measureRollouts } from './parts/rollout.ts';
import { simulatedReactions } from './parts/simulated-reaction.ts';
import { measureStartUp } from './parts/start-up.ts';
import { FULL, measureUpgrade, QUICK, upgradeRows } from './parts/upgrade.ts';
import { realKubectl } from './real-kubectl.ts';
import { boundRows } from './rollout/bound-rows.ts';
import { codeDigest, openKeptRollouts } from './rollout/kept-rollouts.ts';
import { leastTimeRows, measureLeastTimes } from './rollout/least-times.ts';
import { rolloutTables } from './rollout/rollout-tables.ts';
import { headingOf, readExtent, type Section } from './sections.ts';
import { renderFigures, renderGrowth, renderRows } from './table.ts';

const ON_BARE_CLUSTER = ['start-up', 'build-steps', 'growth'] as const;
const ROOT = join(import.meta.dirname, '..');
const { sections, rounds, sizes, quick, seeds, rolloutSizes } = readExtent(process.env);
const kubectl = realKubectl();
const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${process.platform} ${process.arch}`;
const circumstances = `kubectl ${kubectl.version}, Node ${process.version}, ${machine}`;
console.log(`${circumstances}, medians of up to ${rounds} interleaved runs\n`);
/** For docs/dev/performance.md. */
const page: string[] = [];
/** Begins the tables of a part. */
const runs = (section: Section): boolean => {
  if (!sections.includes(section)) return false;
  page.push(`${headingOf(section, process.env, circumstances)}\n`);
  return true;
};
const print = (table: string) => {
  console.log(table);
  page.push(table.replaceAll(/^(?=.)/gm, '    '));
};

const result: Record<string, unknown> = { kubectl: kubectl.version, node: process.version, machine, rounds, sizes };
const tables: Record<string, Figures[]> = {};
const report = (title: string, figures: Figures[]) => {
  tables[title] = figures;
  print(renderFigures(title, figures));
};
const folder = await mkdtemp(join(tmpdir(), 'zeroloss-bench-'));
const steps = join(folder, 'steps');
await mkdir(steps);
try {
  const programs = { ...(await unpacked(ROOT, folder)), kubectl: kubectl.path };
  if (ON_BARE_CLUSTER.some((section) => sections.includes(section))) {
    const cluster = await startChild<BareCluster>(new URL('../sandbox/bare/bare-cluster.ts', import.meta.url));
    try {
      const { PATH, HOME } = process.env;
      const env = { PATH, HOME, ...(await cluster.ask('environment')) };
      if (sections.includes('start-up') || sections.includes('build-steps')) {
        const { namespace } = await cluster.ask('createSet', 10);
        const options = { ...programs, rounds, env, namespace };
        if (runs('start-up')) await measureStartUp(options, report);
        if (runs('build-steps')) await measureBuildSteps({ ...options, folder: steps }, report);
      }
      if (runs('growth')) {
        const growth = await measureGrowth({ ...programs, rounds, sizes, cluster, env }, report);
        result['growth'] = growth;
        print(renderGrowth(sizes, growth));
      }
      result['tables'] = tables;
    } finally {
      await cluster.stop();
    }
  }
  if (runs('requests')) {
    const requests = await countRequests(programs);
    result['requests'] = requests;
    print(
      renderRows([
        ['requests of one verb on ten pods', 'cluster', 'cloud'],
        ...requests.map(({ verb, cluster, cloud }) => [verb, String(cluster), String(cloud)]),
      ]),
    );
  }
  if (runs('reaction')) {
    const reactions = [...(await measureReaction(programs.plugin, quick ? 3 : 9)), ...(await simulatedReactions())];
    result['reaction'] = reactions;
    print(renderRows(reactionRows(reactions)));
  }
  if (runs('upgrade')) {
    const upgrade = await measureUpgrade(programs.plugin, quick ? QUICK : FULL);
    result['upgrade'] = upgrade;
    print(renderRows(upgradeRows(upgrade)));
  }
  if (runs('rollout')) {
    const least = await measureLeastTimes();
    result['leastTimes'] = least;
    print(renderRows(leastTimeRows(least)));
    print(renderRows(boundRows([100, 1000], 20)));
    const kept = openKeptRollouts(join(ROOT, 'dist', 'rollouts.jsonl'), codeDigest(ROOT));
    const extent = { sizes: rolloutSizes, seeds };
    const rollouts = await measureRollouts(extent, kept, (line) => console.error(line));
    result['rollout'] = rollouts;
    for (const table of rolloutTables(rollouts)) print(table);
  }
  await mkdir(join(ROOT, 'dist'), { recursive: true });
  await writeFile(join(ROOT, 'dist', 'bench.json'), `${JSON.stringify(result, undefined, 2)}\n`);
  await writeFile(join(ROOT, 'dist', 'bench.md'), page.join('\n'));
} finally {
  await rm(folder, { recursive: true, force: true });
}
