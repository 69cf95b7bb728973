import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { withMetrics } from '../../cmd/show/with-metrics.ts';
import { NotYetError, UsageError } from '../../lib/core/errors.ts';
import { METRICS_START, renderMetrics } from '../../lib/core/status/upgrade-metrics.ts';
import { upgrade } from '../../lib/flows/verbs/upgrade.ts';
import { refuseToReplace } from '../../lib/notices/whole-file.ts';
import type { World } from '../../lib/ports.ts';
import { rehearse, upgradeIntent } from '../flows/rehearsal/rehearsal.ts';

const folder = mkdtempSync(join(tmpdir(), 'metrics-'));
after(() => rmSync(folder, { recursive: true }));

const wish = upgradeIntent();

const metricOf = (text: string, name: string): number | undefined => {
  const found = new RegExp(`^kubectl_zeroloss_${name.replaceAll(/[{}]/g, '\\$&')} (\\S+)$`, 'm').exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
};
const LABELS = '{namespace="default",statefulset="nginx",verb="upgrade"}';
const stateOf = (text: string): string | undefined => /state="(\w+)"\} 1$/m.exec(text)?.[1];

/** Runs an upgrade of four pods, and keeps every text that the file had. */
async function measured(
  name: string,
  prepare: (world: World, rehearsal: ReturnType<typeof rehearse>) => World = (world) => world,
) {
  const path = join(folder, name);
  const rehearsal = rehearse({ replicas: 4, set: { replicas: 4 } });
  const warnings: string[] = [];
  const texts: string[] = [];
  const { kube } = rehearsal;
  const list = kube.list.bind(kube);
  kube.list = async (...call) => {
    texts.push(readFileSync(path, 'utf8'));
    return list(...call);
  };
  const context = { command: 'upgrade', report: { warn: (line: unknown) => warnings.push(String(line)) } as never };
  let failed: unknown;
  await withMetrics(context, path, wish, (world) => upgrade(world, wish))(prepare(rehearsal.world, rehearsal)).catch(
    (error: unknown) => {
      failed = error;
    },
  );
  return { path, texts, warnings, failed, last: readFileSync(path, 'utf8') };
}

describe('--metrics-textfile', () => {
  it('shows how many pods are done and how many are out of service, and how it ended', async () => {
    const { texts, last, warnings } = await measured('done.prom');
    assert.deepEqual(warnings, []);
    const seen = (name: string) => [...new Set(texts.map((text) => metricOf(text, `${name}${LABELS}`)))];
    assert.deepEqual(
      seen('pods').filter((value) => value !== undefined),
      [4],
    );
    assert.deepEqual(
      seen('pods_done').filter((value) => value !== undefined),
      [0, 1, 2, 3, 4].filter((value) => seen('pods_done').includes(value)),
      'the number of pods that are done never falls',
    );
    assert.ok(seen('pods_out_of_service').every((value) => value === undefined || value <= 1));
    assert.ok(
      seen('longest_wait_seconds').some((value) => (value ?? 0) >= 9),
      'the stability window is waited for',
    );
    assert.ok(texts.every((text) => stateOf(text) === 'running'));
    assert.equal(stateOf(last), 'done');
    assert.equal(metricOf(last, `pods_done${LABELS}`), 4);
    assert.equal(metricOf(last, `exit_code${LABELS}`), 0);
    assert.ok((metricOf(last, `last_step_timestamp_seconds${LABELS}`) ?? 0) > 1_700_000_000);
  });

  it('shows a stop, with its exit code', async () => {
    const { last, failed } = await measured('stopped.prom', (world, { source }) => {
      source.counts.set('nginx-1', 1);
      return world;
    });
    assert.ok(failed instanceof NotYetError);
    assert.equal(stateOf(last), 'stopped');
    assert.equal(metricOf(last, `exit_code${LABELS}`), 6);
    assert.equal(metricOf(last, `pods_out_of_service${LABELS}`), 1);
  });

  it('is written whole: every text that a reader meets ends as it should, and nothing is left beside it', async () => {
    const { path, texts } = await measured('whole.prom');
    assert.ok(texts.length > 20 && texts.every((text) => text.startsWith('# HELP') && text.endsWith('\n')));
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('.')),
      [],
    );
    assert.equal(statSync(path).mode & 0o444, 0o444, 'the collector is another user');
  });

  it('is refused before anything is done where it cannot be written', async () => {
    const { world, kube } = rehearse();
    const context = { command: 'upgrade', report: {} as never };
    const run = withMetrics(context, join(folder, 'none', 'x.prom'), wish, (inner) => upgrade(inner, wish));
    await assert.rejects(run(world), UsageError);
    assert.deepEqual(kube.writes, []);
  });

  it('replaces what an earlier run has written, and nothing else: no device, pipe, link, folder or file of another kind', async () => {
    const refused = async (name: string, make: (path: string) => unknown, because: RegExp): Promise<string> => {
      const path = join(folder, name);
      await make(path);
      const { world, kube } = rehearse();
      const before = lstatSync(path);
      const run = withMetrics({ command: 'upgrade', report: {} as never }, path, wish, (inner) => upgrade(inner, wish));
      await assert.rejects(run(world), (error: Error) => error instanceof UsageError && because.test(error.message));
      assert.deepEqual([kube.writes.length, lstatSync(path).ino], [0, before.ino]);
      return path;
    };
    const special = /exists and is not a plain file/;
    await refused('pipe', (path) => promisify(execFile)('mkfifo', [path]), special);
    await refused('folder', (path) => mkdirSync(path), special);
    await refused('link', (path) => symlinkSync(join(folder, 'elsewhere'), path), /symbolic links are not followed/);
    const other = /is there already and was not written by this flag/;
    const path = await refused('kubeconfig', (at) => writeFileSync(at, 'apiVersion: v1\n'), other);
    assert.equal(readFileSync(path, 'utf8'), 'apiVersion: v1\n');
    await refused('node.prom', (at) => writeFileSync(at, '# HELP node_load1 1m load average.\n'), other);
    for (const _ of [1, 2]) assert.equal(stateOf((await measured('again.prom')).last), 'done');
    writeFileSync(join(folder, 'empty.prom'), '');
    assert.equal(stateOf((await measured('empty.prom')).last), 'done');
  });

  it('leaves a device as it is', () => {
    assert.throws(() => refuseToReplace('--metrics-textfile', '/dev/null', METRICS_START), /is not a plain file/);
  });

  it('keeps to the text format whatever the names are', () => {
    const text = renderMetrics({
      ...{ verb: 'upgrade', namespace: 'a"b\\c', statefulSet: 'x\ny', state: 'asking', longestWaitSeconds: 0 },
    });
    for (const line of text.trimEnd().split('\n'))
      assert.match(
        line,
        /^(# (HELP|TYPE) kubectl_zeroloss_\w+ .+|kubectl_zeroloss_\w+\{(\w+="(\\.|[^"\\\n])*",?)+\} -?\d+)$/,
      );
    assert.equal(stateOf(text), 'asking');
  });
});
