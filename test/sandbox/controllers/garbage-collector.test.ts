import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { PODS, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { startGarbageCollector } from '../../../sandbox/controllers/garbage-collector.ts';
import { pod, podsOf, statefulSet } from '../../builders.ts';
import { FakeKube } from '../../fakes/api/kube.ts';
import { eventually, settled } from '../../fakes/eventually.ts';

function start(t: TestContext, objects: readonly KubeObject[]): FakeKube {
  const kube = new FakeKube(objects);
  const collector = startGarbageCollector(kube);
  t.after(() => collector.stop());
  return kube;
}

const names = (kube: FakeKube): string[] => kube.objects(PODS).map((object) => object.metadata.name);
const deletion = (finalizer: string) => ({
  merge: { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: [finalizer] } },
});

test('when an owner goes, what it owned goes, and nothing else', async (t) => {
  const set = statefulSet({ replicas: 2 });
  const other = pod({ statefulSet: statefulSet({ name: 'other' }), merge: { metadata: { ownerReferences: null } } });
  const kube = start(t, [set, ...podsOf(set), other]);
  await settled();
  assert.equal(names(kube).length, 3);
  kube.remove(STATEFUL_SETS, 'nginx');
  await eventually(() => assert.deepEqual(names(kube), ['other-0']));
});

test('an owner of the same name with another uid is not the owner', async (t) => {
  const former = statefulSet({ uid: 'former' });
  const now = statefulSet({ uid: 'now' });
  const kube = start(t, [now, pod({ statefulSet: former, ordinal: 0 }), pod({ statefulSet: now, ordinal: 1 })]);
  await eventually(() => assert.deepEqual(names(kube), ['nginx-1']));
});

test('a dependant made after its owner went is collected too', async (t) => {
  const kube = start(t, []);
  await settled();
  kube.put(pod());
  await eventually(() => assert.deepEqual(names(kube), []));
});

test('owners of an unknown kind are taken to be alive', async (t) => {
  const ownerReferences = [{ apiVersion: 'example.com/v1', kind: 'Gadget', name: 'g', uid: 'u' }];
  const kube = start(t, [pod({ merge: { metadata: { ownerReferences } } })]);
  await settled();
  assert.deepEqual(names(kube), ['nginx-0']);
});

test('with one of two owners left, only the reference to the dead one goes', async (t) => {
  const set = statefulSet({ uid: 'alive' });
  const object = pod({ statefulSet: set });
  object.metadata.ownerReferences?.push({ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'gone', uid: 'gone' });
  const kube = start(t, [set, object]);
  const owners = () => kube.object(PODS, 'nginx-0')?.metadata.ownerReferences?.map((owner) => owner.uid);
  await eventually(() => assert.deepEqual(owners(), ['alive']));
});

test('an orphaning deletion takes the references off the dependants before the owner goes', async (t) => {
  const set = statefulSet({ replicas: 2, ...deletion('orphan') });
  const kube = start(t, [set, ...podsOf(set)]);
  await eventually(() => assert.equal(kube.object(STATEFUL_SETS, 'nginx'), undefined));
  await settled();
  assert.deepEqual(
    kube.objects(PODS).map((object) => object.metadata.ownerReferences),
    [[], []],
  );
});

test('a foreground deletion keeps the owner until its dependants are gone', async (t) => {
  const set = statefulSet({ replicas: 2, ...deletion('foregroundDeletion') });
  const held = podsOf(set, (ordinal) => (ordinal === 0 ? { merge: { metadata: { finalizers: ['test/hold'] } } } : {}));
  const kube = start(t, [set, ...held]);
  await eventually(() => assert.deepEqual(names(kube), ['nginx-0']));
  await settled();
  assert.ok(kube.object(STATEFUL_SETS, 'nginx'));
  kube.edit(PODS, 'nginx-0', (object) => {
    object.metadata.finalizers = [];
  });
  await eventually(() => assert.equal(kube.object(STATEFUL_SETS, 'nginx'), undefined));
});
