/** The way out: the weights that come back first, and the command that a person is shown next. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { number } from '../../../lib/core/values/read.ts';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import { guideText } from '../stage/guide-text.ts';
import { FAST, NEW_IMAGE, openStage } from '../stage/stage.ts';
import { holdConnection } from '../stage/trouble/hold.ts';
import { assertUnwritten } from '../stage/unwritten.ts';

let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

describe('the way out', { concurrency: true }, () => {
  test('restore during a surge gives the weights back first, and ends with 6 and the commands until the surplus is gone', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 3 });
    const before = await stage.annotations();
    await stage.ok('surge', 'nginx', '1');
    await stage.ok('drain', 'nginx', '0');
    const first = await stage.run(['restore', 'nginx', ...FAST]);
    assert.equal(first.code, 6, first.stderr);
    assert.match(
      first.stderr,
      /^hint: kubectl zeroloss drain nginx 3 -n \S+ && kubectl zeroloss wait-zero nginx -n \S+ --stable-for 3s && kubectl zeroloss restore nginx -n \S+ --stable-for 3s$/m,
    );
    assert.equal(await stage.weights(), undefined);
    await stage.ok('drain', 'nginx', '0,3');
    const held = await holdConnection(t, stage, 'nginx-1');
    const second = await stage.run(['restore', 'nginx', ...FAST, '--timeout', '20s']);
    assert.equal(second.code, 0, second.stderr);
    assert.equal(held.lost, false);
    assert.equal(number(await stage.set(), 'spec', 'replicas'), 3);
    assert.deepEqual(await stage.annotations(), before);
  });

  test('restore while a drained surplus still has a connection keeps it at 0, and cuts nothing', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 2 });
    await stage.ok('surge', 'nginx', '1');
    const held = await holdConnection(t, stage, 'nginx-2');
    await stage.ok('drain', 'nginx', '0,2', '--min-serving', '1');
    const ran = await stage.run(['restore', 'nginx', ...FAST, '--timeout', '20s']);
    assert.equal(ran.code, 6, ran.stderr);
    assert.equal(await stage.weights(), guideText([2]));
    assert.equal(held.lost, false);
    held.release();
    await stage.ok('wait-zero', 'nginx', ...FAST);
    await stage.ok('restore', 'nginx', ...FAST);
    assert.equal(await stage.weights(), undefined);
  });

  test('the refusal that protects connections names the cure first, and the override last, with its price', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 2 });
    await stage.setImage();
    await holdConnection(t, stage, 'nginx-0');
    await stage.ok('drain', 'nginx', '0');
    const says = [
      /to fix it: kubectl zeroloss wait-zero nginx.*\n {4}to override it: --force {3}# cuts this connection$/m,
    ];
    await assertUnwritten(stage, ['recreate', 'nginx', ...FAST], { code: 4, says });
    await stage.ok('restore', 'nginx');
  });

  test('upgrade --dry-run=client prints the plan, and status the command that goes on', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 4 });
    const { stdout } = await stage.ok(
      'upgrade',
      'nginx',
      '--image',
      `nginx=${NEW_IMAGE}`,
      '--batch',
      '2',
      '--dry-run=client',
    );
    assert.match(
      stdout,
      /kubectl set image statefulset\/nginx nginx=nginx:1.25.4.*\n.*kubectl zeroloss drain nginx 0,1/,
    );
    assert.match(stdout, /kubectl zeroloss advance nginx/);
    await stage.setImage();
    assert.match((await stage.ok('status', 'nginx')).stderr, /^next: kubectl zeroloss upgrade nginx -n /m);
    await stage.ok('drain', 'nginx', '0');
    assert.match((await stage.ok('status', 'nginx')).stderr, /^next: kubectl zeroloss wait-zero nginx -n /m);
  });
});
