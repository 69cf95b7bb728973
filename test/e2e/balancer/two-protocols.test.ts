/** Two listeners on one Service port (TKE, Service extended protocol): both are drained, both are waited for, both get their weights back. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { KubeObject } from '../../../lib/ports.ts';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import { FAST, openStage, type Stage } from '../stage/stage.ts';

const ANNOTATION = 'service.cloud.tencent.com/specify-protocol';

let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

const openRelay = (t: Parameters<typeof openStage>[0], ...protocol: string[]): Promise<Stage> =>
  openStage(t, cluster, {
    replicas: 3,
    edit: (object: KubeObject) => {
      if (object.kind === 'Service')
        object.metadata.annotations = {
          ...object.metadata.annotations,
          [ANNOTATION]: JSON.stringify({ 80: { protocol } }),
        };
      return object;
    },
  });

for (const [first, second] of [
  ['TCP', 'UDP'],
  ['TCP_SSL', 'QUIC'],
] as const)
  test(`${first} and ${second} on one port: drain, wait-zero, recreate and restore are about both`, async (t) => {
    const stage = await openRelay(t, first, second);
    // A listener's health checks take a moment longer than the pods' readiness.
    await stage.until('nothing fails', async () => (await stage.run(['check', 'nginx'])).code === 0);
    const checked = await stage.ok('check', 'nginx', '-o', 'wide');
    assert.match(checked.stdout, /WARN +specify-protocol: [\s\S]*TCP\/80, UDP\/80/);
    const before = await stage.annotations();
    const drained = await stage.ok('drain', 'nginx', '0');
    assert.match(drained.stdout, /service\/nginx drained \(ordinal 0 on TCP\/80, UDP\/80\)/);
    const shown = await stage.ok('status', 'nginx', '-o', 'wide');
    assert.match(shown.stdout, /^nginx-0 +0 +0 .*nginx:TCP\/80,nginx:UDP\/80/m);
    const waited = await stage.ok('wait-zero', 'nginx', ...FAST);
    for (const protocol of [first, second])
      assert.match(waited.stderr, new RegExp(`nginx-0 ${protocol}/80 clb: zero`), waited.stderr);
    await stage.setImage();
    await stage.ok('recreate', 'nginx', ...FAST);
    await stage.ok('restore', 'nginx', ...FAST);
    assert.deepEqual(await stage.annotations(), before);
  });

test('TCP and TCP_SSL on one port have one key, and are refused with the cure', async (t) => {
  const stage = await openStage(t, cluster, { replicas: 2 });
  // No load balancer makes two such listeners: the annotation comes later, as by hand.
  await stage.patch('nginx', { metadata: { annotations: { [ANNOTATION]: '{"80":{"protocol":["TCP","TCP_SSL"]}}' } } });
  const before = await stage.annotations();
  const refused = await stage.run(['drain', 'nginx', '0']);
  assert.equal(refused.code, 4, refused.stderr);
  assert.match(refused.stderr, /specify-protocol: service\/nginx asks for TCP and TCP_SSL listeners on one port 80/);
  assert.match(refused.stderr, /kubectl .*edit service nginx .*a Service port of its own/);
  assert.deepEqual(await stage.annotations(), before);
});
