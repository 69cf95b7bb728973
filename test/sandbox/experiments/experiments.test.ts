import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { holds, type Seen } from '../../../sandbox/experiments/experiment.ts';
import { EXPERIMENT_NAMES } from '../../../sandbox/experiments/experiment-names.ts';
import { renderReports } from '../../../sandbox/experiments/render-experiments.ts';
import { EXPERIMENTS, playable } from '../../../sandbox/experiments/run-experiments.ts';

const seen = (change: Partial<Seen>): Seen => ({
  requests: 100,
  lost: 0,
  failedTries: 0,
  byCause: {},
  window: undefined,
  rollout: undefined,
  longestGapMs: 0,
  seconds: 1,
  plays: 1,
  ...change,
});

test('every experiment that is named is there, with a loss of the article’s kind and a row of ours beside it', () => {
  assert.deepEqual(
    EXPERIMENTS.map(({ name }) => name),
    [...EXPERIMENT_NAMES],
  );
  for (const { name, scenes } of EXPERIMENTS) {
    assert.ok(
      scenes.some(({ ours }) => ours === true),
      `${name} has no row of ours`,
    );
    assert.ok(
      scenes.some(({ ours }) => ours !== true),
      `${name} has no row of theirs`,
    );
    const whats = scenes.map(({ what }) => what);
    assert.equal(new Set(whats).size, whats.length, `${name} says something twice`);
  }
});

test('our rows promise that nothing is lost', () => {
  for (const { scenes } of EXPERIMENTS)
    for (const scene of scenes.filter(({ ours }) => ours === true)) {
      assert.equal(holds(scene.promised, seen({})), true, scene.what);
      assert.equal(holds(scene.promised, seen({ lost: 1 })), false, scene.what);
    }
});

test('a row that promises no loss does not hold when nothing was asked at all', () => {
  assert.equal(holds('none', seen({ requests: 0 })), false);
  assert.equal(holds('some', seen({})), false);
});

test('a share outside the formula’s range is not as promised, however much was lost', () => {
  const [scene] = EXPERIMENTS.find(({ name }) => name === 'ingress-retry')?.scenes ?? [];
  assert.ok(scene);
  const lost = (within: number) => seen({ lost: within, window: { requests: 200, lost: within } });
  assert.equal(holds(scene.promised, lost(148)), true);
  assert.equal(holds(scene.promised, lost(40)), false);
  assert.match(
    scene.why(lost(148)),
    /148 of 200 \(74\.00 %\) while 9 of 10 upstreams were dead; the formula: 70 % to 75 %/,
  );
});

test('the table marks our rows, and names those that are not as promised', async () => {
  const row = { what: 'a', requests: 8969, lost: 366, ours: false, article: '366 of 8,969', why: 'late', holds: true };
  const report = { name: 'ingress-retry', about: 'scaling', scale: '1:1', seconds: 12.4, rows: [row], leftOut: [] };
  const good = await renderReports([{ ...report, rows: [row, { ...row, what: 'b', lost: 0, ours: true }] }]);
  assert.match(good, /^ +a +8969 +366 +4\.08 +366 of 8,969 +late$/m);
  assert.match(good, /^\* +b +8969 +0 +0\.00 /m);
  assert.match(good, /Every row shows what it must/);
  const bad = await renderReports([{ ...report, rows: [{ ...row, holds: false }] }]);
  assert.match(bad, /^! +a /m);
  assert.match(bad, /^Not as promised: ingress-retry: a$/m);
});

test('a row whose judge is not on PATH is left out, and the report names it with the program', async (t) => {
  const scenes = EXPERIMENTS.flatMap((each) => each.scenes);
  const judged = scenes.filter(({ clients }) => clients.kind === 'judge');
  assert.ok(judged.some(({ ours }) => ours === true) && judged.some(({ ours }) => ours !== true));
  const without = await playable(scenes, '/nonexistent');
  assert.equal(without.played.length, scenes.length - judged.length);
  assert.equal(without.leftOut.length, judged.length);
  const folder = await mkdtemp(join(tmpdir(), 'zeroloss-judge-'));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'wrk'), '', { mode: 0o755 });
  const some = await playable(scenes, ['/nonexistent', folder].join(delimiter));
  assert.ok(some.leftOut.length > 0 && some.leftOut.every((line) => line.endsWith(': fortio is not on PATH')));
  const report = { name: 'a', about: 'b', scale: '1:1', seconds: 1, rows: [], leftOut: some.leftOut };
  assert.match(await renderReports([report]), /^Left out: .*: fortio is not on PATH$/m);
});
