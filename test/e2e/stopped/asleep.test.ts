/** A service-controller that sleeps: the annotation is only a wish, and every verb says so. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import { guideText } from '../stage/guide-text.ts';
import { FAST, openStage } from '../stage/stage.ts';
import { assertUnwritten } from '../stage/unwritten.ts';

let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

test('weights that are written but not shown end drain with 7, keep pods from being deleted, and can be taken back', async (t) => {
  const stage = await openStage(t, cluster, { replicas: 2 });
  await stage.setImage();
  cluster.serviceController.pause();
  t.after(() => cluster.serviceController.resume());

  const drained = await stage.run(['drain', 'nginx', '0', '--timeout', '2s']);
  assert.equal(drained.code, 7, drained.stderr);
  assert.match(drained.stdout, /^service\/nginx drained \(ordinal 0 on TCP\/\d+\)\n$/, drained.stderr);
  assert.match(
    drained.stderr,
    /^error: the weights are written, but .* shows nginx-0 at weight 10 on TCP\/80, wanted 0$/m,
  );
  assert.match(drained.stderr, /^reason: the world disagrees$/m);
  assert.match(drained.stderr, /^hint: kubectl -n \S+ describe service nginx {3}#/m);
  assert.equal(await stage.weights(), guideText([0]));

  const { stdout } = await stage.ok('status', 'nginx');
  assert.match(stdout, /^nginx-0 +0 +10 /m);

  const waited = await stage.run(['wait-zero', 'nginx', '--timeout', '2s', ...FAST]);
  assert.equal(waited.code, 6, waited.stderr);
  assert.match(waited.stderr, /^error: .*shows nginx-0 at weight 10/m);
  await assertUnwritten(stage, ['recreate', 'nginx', ...FAST], {
    code: 4,
    says: [/^ {2}at-zero: .*shows nginx-0 at weight 10/m],
  });

  await stage.ok('restore', 'nginx');
  assert.equal(await stage.weights(), undefined);
});
