import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ConnectionError } from '../../../lib/core/errors.ts';
import { PODS } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { startInformer } from '../../../sandbox/common/informer.ts';
import { pod, podsOf, statefulSet } from '../../builders.ts';
import { FakeKube } from '../../fakes/api/kube.ts';
import { eventually, settled } from '../../fakes/eventually.ts';

function observe(t: TestContext, kube: FakeKube) {
  const seen: string[] = [];
  const errors: unknown[] = [];
  const informer = startInformer(
    kube,
    PODS,
    {},
    {
      onUpsert: (object: KubeObject) => seen.push(`upsert ${object.metadata.name}`),
      onDelete: (object: KubeObject) => seen.push(`delete ${object.metadata.name}`),
    },
    { retryDelayMs: 1, onError: (error) => errors.push(error) },
  );
  t.after(() => informer.stop());
  return { informer, seen, errors };
}

const touch = (kube: FakeKube, name: string): unknown =>
  kube.edit(PODS, name, (object) => {
    object.metadata.annotations = { touched: String(Math.random()) };
  });

test('the first list is handed over before synced resolves, then changes follow', async (t) => {
  const kube = new FakeKube(podsOf(statefulSet({ replicas: 2 })));
  const { informer, seen } = observe(t, kube);
  await informer.synced;
  assert.deepEqual(seen, ['upsert nginx-0', 'upsert nginx-1']);
  touch(kube, 'nginx-0');
  kube.remove(PODS, 'nginx-1');
  await eventually(() => assert.deepEqual(seen.slice(2), ['upsert nginx-0', 'delete nginx-1']));
  assert.equal(informer.get('default', 'nginx-1'), undefined);
  assert.equal(informer.list().length, 1);
});

test('it watches on from where it was when the server closes the stream', async (t) => {
  const kube = new FakeKube([pod()]);
  const { informer, seen } = observe(t, kube);
  await informer.synced;
  await eventually(() => assert.equal(kube.calls.filter((call) => call.verb === 'watch').length, 1));
  kube.closeWatches();
  touch(kube, 'nginx-0');
  await eventually(() => assert.deepEqual(seen, ['upsert nginx-0', 'upsert nginx-0']));
  assert.equal(kube.calls.filter((call) => call.verb === 'list').length, 1);
});

test('after 410 it lists again and reports each missed change once', async (t) => {
  const kube = new FakeKube(podsOf(statefulSet({ replicas: 3 })));
  const { informer, seen, errors } = observe(t, kube);
  await informer.synced;
  kube.closeWatches();
  kube.remove(PODS, 'nginx-0');
  touch(kube, 'nginx-1');
  kube.expireHistory();
  await eventually(() => assert.deepEqual(seen.slice(3), ['delete nginx-0', 'upsert nginx-1']));
  await settled();
  assert.equal(seen.length, 5);
  assert.deepEqual(errors, []);
});

test('an object that was replaced under the same name without a watch is reported as delete and upsert', async (t) => {
  const kube = new FakeKube([pod({ uid: 'old' })]);
  const { informer, seen } = observe(t, kube);
  await informer.synced;
  kube.closeWatches();
  kube.put(pod({ uid: 'new' }));
  kube.expireHistory();
  await eventually(() => assert.deepEqual(seen, ['upsert nginx-0', 'delete nginx-0', 'upsert nginx-0']));
});

test('a failed list is reported and tried again', async (t) => {
  const kube = new FakeKube([pod()]);
  kube.failNext({ verb: 'list' }, new ConnectionError('refused'), 2);
  const { informer, seen, errors } = observe(t, kube);
  await informer.synced;
  assert.deepEqual(seen, ['upsert nginx-0']);
  assert.equal(errors.length, 2);
});

test('synced rejects when the informer is stopped before its first list', async (t) => {
  const kube = new FakeKube([pod()]);
  kube.failNext({ verb: 'list' }, new ConnectionError('refused'), 1000);
  const { informer } = observe(t, kube);
  await informer.stop();
  await assert.rejects(informer.synced, /stopped before its first list/);
});
