import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import type { CheckOfIntent } from '../../../lib/flows/verbs/check-of.ts';
import { outcomeOf, run, runLine } from '../harness.ts';

test('check hands on what depends on the wishes of the operator, and lets no source write', async () => {
  const { calls } = await runLine('check nginx --min-serving 3 --stable-for 10m --service a,b');
  const { strays: _strays, timeoutMs: _timeout, ...intent } = calls.at(0)!.intent as CheckOfIntent;
  assert.deepEqual(intent, {
    name: 'nginx',
    targets: [{ name: 'nginx' }],
    dryRun: 'client',
    services: ['a', 'b'],
    minServing: { kind: 'count', count: 3 },
    stableForMs: 600_000,
  });
});

test('check looks along the PATH for programs that kubectl would run instead', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'zeroloss-path-'));
  t.after(() => rm(folder, { recursive: true }));
  for (const name of ['kubectl-zeroloss', 'kubectl-zeroloss-drain', 'kubectl-other']) {
    await writeFile(join(folder, name), '');
    await chmod(join(folder, name), 0o755);
  }
  const PATH = [folder, '/nonexistent', folder].join(delimiter);
  const { calls } = await run(['check', 'nginx'], { env: { PATH } });
  assert.deepEqual((calls.at(0)!.intent as CheckOfIntent).strays, [join(folder, 'kubectl-zeroloss-drain')]);
});

test('a failed check exits with 4, and a passed one with 0', async () => {
  for (const exitCode of [0, 4] as const) {
    const details = { findings: [], counts: { OK: 0, WARN: 0, FAIL: 0 } };
    const flow = () => outcomeOf({ verb: 'check', exitCode, results: [], details });
    assert.equal((await runLine('check nginx', { flow })).code, exitCode);
  }
});

test('check has no -o name: a report has none', async () => {
  const { code, stderr } = await runLine('check nginx -o name');
  assert.equal(code, 2);
  assert.match(stderr, /json, yaml, wide/);
});

test('check takes several names or a selector, and refuses neither, both and a name twice', async () => {
  const several = await runLine('check nginx sts/web');
  assert.deepEqual((several.calls.at(0)!.intent as CheckOfIntent).targets, [{ name: 'nginx' }, { name: 'web' }]);
  const mixed = await runLine('check nginx deploy/web deployment/api');
  assert.deepEqual((mixed.calls.at(0)!.intent as CheckOfIntent).targets, [
    { name: 'nginx' },
    { name: 'web', kind: 'deployment' },
    { name: 'api', kind: 'deployment' },
  ]);
  const labelled = await runLine('check -l tier=gateway');
  assert.deepEqual((labelled.calls.at(0)!.intent as CheckOfIntent).selector, 'tier=gateway');
  for (const [line, says] of [
    ['check', /check takes TARGETS, -l SELECTOR or -A/],
    ['check nginx -l tier=gateway', /cannot be combined/],
    ['check nginx -A', /names and -A cannot be combined/],
    ['check nginx nginx', /named twice/],
    ['check deployment/web deploy/web', /"deployment\/web" is named twice/],
    ['check deployment', /the name of a Deployment is missing/],
  ] as const) {
    const { code, stderr, calls } = await runLine(line);
    assert.equal(code, 2);
    assert.match(stderr, says);
    assert.equal(calls.length, 0);
  }
});

test('check --measure reads a recording that is named before it asks the cluster, and --from needs --measure', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'zeroloss-measure-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'up.jsonl');
  const begin = { at: '2026-01-01T00:00:00.000Z', kind: 'begin', format: 'zeroloss-record/v1', verb: 'drain' };
  await writeFile(file, `${JSON.stringify({ ...begin, target: {}, operator: '' })}\n{"at":`);
  const measureOf = async (...words: string[]) =>
    ((await run(['check', 'nginx', ...words])).calls.at(0)!.intent as CheckOfIntent).measure;
  assert.equal(await measureOf(), undefined);
  assert.equal(await measureOf('--measure'), null);
  assert.equal((await measureOf('--measure', '--from', file))?.lines.length, 1);
  for (const [words, says] of [
    [['--from', file], /--from has no meaning without --measure\nhint: kubectl zeroloss check nginx --measure --from /],
    [['--measure', '--from', join(folder, 'none')], /--from .*no such file/i],
  ] as const) {
    const { code, stderr, calls } = await run(['check', 'nginx', ...words]);
    assert.equal(code, 2);
    assert.match(stderr, says);
    assert.deepEqual(calls, []);
  }
});
