/** The main job by real processes: the guide's StatefulSet upgraded under live traffic, step by step. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import { guideText } from '../stage/guide-text.ts';
import { FAST, NEW_IMAGE, openStage, type Stage } from '../stage/stage.ts';

let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

/** Everything of the StatefulSet that an upgrade may not change: all but the image, its revisions and the bookkeeping of the server. */
async function untouched(stage: Stage) {
  const [service, set] = await Promise.all([stage.service(), stage.set()]);
  const spec = structuredClone(set['spec']) as { template: { spec: { containers: { image?: string }[] } } };
  for (const container of spec.template.spec.containers) delete container.image;
  return {
    service: { spec: service['spec'], annotations: await stage.annotations(), labels: service.metadata.labels },
    set: { spec, annotations: set.metadata.annotations ?? {}, labels: set.metadata.labels ?? {} },
  };
}

async function assertUpgraded(stage: Stage, replicas: number): Promise<void> {
  const names = Array.from({ length: replicas }, (_, ordinal) => `nginx-${ordinal}`);
  assert.deepEqual(await stage.images(), Object.fromEntries(names.map((name) => [name, NEW_IMAGE])));
}

describe('an upgrade by the verbs, under live traffic', { concurrency: true }, () => {
  test('pod by pod: no connection is lost, the annotation has the guide’s text at each stage, and everything ends as before', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 3 });
    const before = await untouched(stage);
    const traffic = await stage.traffic();
    await stage.setImage();

    await stage.ok('drain', 'nginx', '0');
    for (const ordinal of [0, 1, 2]) {
      assert.equal(await stage.weights(), guideText([ordinal]));
      const was = await stage.uids();
      await stage.ok('wait-zero', 'nginx', ...FAST);
      const recreated = await stage.ok('recreate', 'nginx', ...FAST);
      assert.equal(recreated.stdout, `pod/nginx-${ordinal} recreated (updated and ready)\n`);
      assert.equal(await stage.weights(), guideText([ordinal]), 'recreate gives no weight back');
      const now = await stage.uids();
      assert.deepEqual(
        Object.keys(now).filter((name) => now[name] !== was[name]),
        [`nginx-${ordinal}`],
      );
      const advanced = await stage.run(['advance', 'nginx']);
      assert.equal(advanced.code, ordinal === 2 ? 3 : 0, advanced.stderr);
    }
    const status = await stage.ok('status', 'nginx', '-o', 'json');
    assert.equal(JSON.parse(status.stdout).kind, 'Outcome');
    await stage.ok('restore', 'nginx');

    await assertUpgraded(stage, 3);
    assert.deepEqual(await untouched(stage), before);
    const report = await traffic.stop();
    assert.deepEqual(report.lost, []);
    assert.ok(report.connections > 200 && report.streams > 5, `${report.connections} connections`);
    assert.equal(report.errorAnswers, 0);
    assert.deepEqual(
      (await stage.events()).map((line) => line.split(':')[0]),
      [
        'ZerolossDrained',
        ...['ZerolossRecreating', 'ZerolossRecreated', 'ZerolossAdvanced'],
        ...['ZerolossRecreating', 'ZerolossRecreated', 'ZerolossAdvanced'],
        ...['ZerolossRecreating', 'ZerolossRecreated', 'ZerolossAdvanced'],
      ],
    );
  });

  test('in batches: the same, with every port of the Service in the text, and two pods replaced at a time', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 4, morePorts: [8080] });
    const before = await untouched(stage);
    const traffic = await stage.traffic();
    await stage.setImage();

    await stage.ok('drain', 'sts/nginx', '0,1');
    assert.equal(await stage.weights(), guideText([0, 1], [80, 8080]));
    await stage.ok('wait-zero', 'nginx', ...FAST);
    await stage.ok('recreate', 'nginx', ...FAST);
    await stage.ok('advance', 'nginx');
    assert.equal(await stage.weights(), guideText([2, 3], [80, 8080]));
    await stage.ok('wait-zero', 'nginx', ...FAST);
    await stage.ok('recreate', 'nginx', ...FAST);
    await stage.ok('restore', 'nginx');

    await assertUpgraded(stage, 4);
    assert.deepEqual(await untouched(stage), before);
    assert.deepEqual((await traffic.stop()).lost, []);
    assert.equal((await stage.events()).at(-1), 'ZerolossRestored: weights back for ordinals 2,3');
  });
});
