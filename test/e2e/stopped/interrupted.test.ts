/** Ctrl-C: exit code 130, what was already done, and the ways on and back. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import { guideText } from '../stage/guide-text.ts';
import { FAST, openStage } from '../stage/stage.ts';
import { holdConnection } from '../stage/trouble/hold.ts';

let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

describe('interrupted with Ctrl-C', { concurrency: true }, () => {
  test('wait-zero has changed no weight and deleted no pod, and says what it leaves', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 2 });
    await holdConnection(t, stage, 'nginx-0');
    await stage.ok('drain', 'nginx', '0');
    const waiting = stage.start(['wait-zero', 'nginx', ...FAST]);
    await stage.until('wait-zero counts', async () => waiting.stderrSoFar().includes('1 connection'));
    waiting.kill('SIGINT');
    const { code, stdout, stderr } = await waiting.ended;
    assert.deepEqual([code, stdout], [130, ''], stderr);
    assert.match(
      stderr,
      /^error: wait-zero was interrupted; changed no weight and deleted no pod; what remains: .* on the Services$/m,
    );
    assert.equal(await stage.weights(), guideText([0]));
  });

  test('recreate names the ways on and back, and the batch stays drained until one is taken', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 2 });
    const before = await stage.annotations();
    await stage.setImage('nginx:never-ready');
    await stage.ok('drain', 'nginx', '0');
    await stage.ok('wait-zero', 'nginx', ...FAST);
    const was = await stage.uids();
    const recreating = stage.start(['recreate', 'nginx', ...FAST]);
    await stage.until(
      'the pod is replaced',
      async () => ![undefined, was['nginx-0']].includes((await stage.uids())['nginx-0']),
    );
    recreating.kill('SIGTERM');
    const { code, stdout, stderr } = await recreating.ended;
    assert.equal(code, 143, stderr);
    assert.match(stdout, /^pod\/nginx-0 deleted /, stderr);
    assert.match(stderr, /^error: recreate was interrupted; completed writes stay, nothing more will be written$/m);
    assert.match(stderr, /^hint: to go on: the same command again$/m);
    assert.match(
      stderr,
      new RegExp(`^hint: to go back: kubectl zeroloss restore nginx -n ${stage.namespace} --stable-for 3s$`, 'm'),
    );
    assert.equal(await stage.weights(), guideText([0]));
    await stage.ok('restore', 'nginx', '--weights-only');
    assert.deepEqual(await stage.annotations(), before);
  });
});
