import assert from 'node:assert/strict';
import { test } from 'node:test';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { rehearse, upgradeIntent } from '../../flows/rehearsal/rehearsal.ts';
import { run } from '../harness.ts';

const line = ['upgrade', 'nginx', '--image', 'nginx=nginx:1.25.4', '--batch', '5'];
const flow = () => {
  const images = { nginx: 'nginx:1.25.4' };
  return upgrade(rehearse().world, { ...upgradeIntent({ batch: 5 }), images, dryRun: 'client' });
};

test('a dry run shows the table of plan, whose commands can be typed', async () => {
  const { code, stdout, stderr } = await run([...line, '--dry-run=client'], { flow });
  assert.equal(code, 0, stderr);
  const [head = '', ...rows] = stdout.trimEnd().split('\n');
  assert.match(head, /^STEP +COMMAND +TOUCHES +LOOK AT$/);
  assert.match(rows[0] ?? '', /^1 +kubectl zeroloss drain nginx 0-4 --skip-done +service\/nginx /);
  assert.doesNotMatch(stdout, /statefulset\/nginx kubectl|\(dry run\)/);
  assert.match(stderr, /^dry run, nothing was written; the first step would be: drain 0-4$/m);
});

test('the time of a restart is one with a zone, and needs --restart', async () => {
  for (const [words, pattern] of [
    [['--restart', '--restarted-at', '2026-05-04 12:00'], /--restarted-at "2026-05-04 12:00" is not a time/],
    [['--restarted-at', '2026-05-04T12:00:00Z'], /is the time of a restart, and none is asked for/],
  ] as const) {
    const { code, stderr } = await run(['upgrade', 'nginx', ...words], { flow });
    assert.deepEqual([code, pattern.test(stderr)], [2, true], stderr);
  }
});

test('a dry run as data has the steps as results and the plan beside them', async () => {
  const { stdout } = await run([...line, '--dry-run=client', '-o', 'json'], { flow });
  const { results, details } = JSON.parse(stdout);
  assert.equal(results.length, details.plan.steps.length);
});
