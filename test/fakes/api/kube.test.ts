import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatusError } from '../../../lib/core/errors.ts';
import { PODS, SERVICES, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { WatchEvent } from '../../../lib/ports.ts';
import { pod, podsOf, service, statefulSet } from '../../builders.ts';
import { FakeKube } from './kube.ts';

const status = (httpStatus: number, reason: string) => (error: unknown) =>
  error instanceof StatusError && error.httpStatus === httpStatus && error.reason === reason;

test('a merge patch with a stale resourceVersion is a conflict and changes nothing', async () => {
  const kube = new FakeKube([service()]);
  const read = await kube.get(SERVICES, 'nginx');
  kube.beforeWrite(() => {
    kube.edit(SERVICES, 'nginx', (object) => {
      object.metadata.annotations = { theirs: 'yes' };
    });
  });
  const patch = { metadata: { resourceVersion: read.metadata.resourceVersion, annotations: { ours: 'yes' } } };
  await assert.rejects(kube.patch(SERVICES, 'nginx', patch, { type: 'merge' }), status(409, 'Conflict'));
  assert.deepEqual(kube.object(SERVICES, 'nginx')?.metadata.annotations, { theirs: 'yes' });
});

test('a delete with the uid of an earlier pod is a conflict', async () => {
  const kube = new FakeKube([pod({ uid: 'new' })]);
  await assert.rejects(kube.delete(PODS, 'nginx-0', { uid: 'old' }), status(409, 'Conflict'));
  await kube.delete(PODS, 'nginx-0', { uid: 'new' });
  await assert.rejects(kube.get(PODS, 'nginx-0'), status(404, 'NotFound'));
});

test('only a changed spec moves the generation, and a patch that changes nothing moves no version', async () => {
  const kube = new FakeKube([statefulSet()]);
  const first = await kube.get(STATEFUL_SETS, 'nginx');
  const same = await kube.patch(STATEFUL_SETS, 'nginx', { spec: { replicas: 10 } }, { type: 'merge' });
  assert.equal(same.metadata.resourceVersion, first.metadata.resourceVersion);
  const noted = await kube.patch(STATEFUL_SETS, 'nginx', { metadata: { labels: { a: 'b' } } }, { type: 'merge' });
  assert.equal(noted.metadata.generation, 1);
  const scaled = await kube.patch(
    STATEFUL_SETS,
    'nginx',
    { spec: { replicas: 11 } },
    { type: 'merge', subresource: 'scale' },
  );
  assert.equal(scaled.kind, 'Scale');
  assert.equal(kube.object(STATEFUL_SETS, 'nginx')?.metadata.generation, 2);
});

test('a StatefulSet field that may not change is refused with 422', async () => {
  const kube = new FakeKube([statefulSet()]);
  const patch = { spec: { serviceName: 'other' } };
  await assert.rejects(kube.patch(STATEFUL_SETS, 'nginx', patch, { type: 'merge' }), status(422, 'Invalid'));
});

test('a dry run answers with the change and keeps nothing', async () => {
  const kube = new FakeKube([statefulSet()]);
  const patch = { metadata: { annotations: { note: 'x' } } };
  const answer = await kube.patch(STATEFUL_SETS, 'nginx', patch, { type: 'merge', dryRun: true });
  assert.deepEqual(answer.metadata.annotations, { note: 'x' });
  assert.equal(kube.object(STATEFUL_SETS, 'nginx')?.metadata.annotations, undefined);
  assert.deepEqual(kube.writes, []);
});

test('a watch starts after the given version, sees a label selection come and go, and ends on abort', async () => {
  const kube = new FakeKube(podsOf(statefulSet({ replicas: 2 })));
  const { metadata } = await kube.list(PODS);
  kube.edit(PODS, 'nginx-0', (object) => {
    object.metadata.labels = { app: 'other' };
  });
  kube.remove(PODS, 'nginx-1');
  const stop = new AbortController();
  const seen: string[] = [];
  const options = { resourceVersion: metadata.resourceVersion ?? '', labelSelector: 'app in (nginx)' };
  for await (const event of kube.watch(PODS, { ...options, signal: stop.signal })) {
    seen.push(
      `${event.type} ${(event as WatchEvent & { object: { metadata: { name: string } } }).object.metadata.name}`,
    );
    if (seen.length === 2) stop.abort();
  }
  assert.deepEqual(seen, ['DELETED nginx-0', 'DELETED nginx-1']);
});

test('a watch from before the kept history gets 410', async () => {
  const kube = new FakeKube([pod()]);
  const { metadata } = await kube.list(PODS);
  kube.edit(PODS, 'nginx-0', (object) => {
    object.metadata.labels = {};
  });
  kube.expireHistory();
  const events = [];
  for await (const event of kube.watch(PODS, { resourceVersion: metadata.resourceVersion ?? '' })) events.push(event);
  assert.deepEqual(
    events.map((event) => [event.type, (event.object as { code?: number }).code]),
    [['ERROR', 410]],
  );
});

test('failNext fails only the calls that match, and only as often as asked', async () => {
  const kube = new FakeKube([pod()]);
  kube.failNext({ verb: 'get', name: 'nginx-0' }, new StatusError(403, 'Forbidden', 'no'));
  await kube.list(PODS);
  await assert.rejects(kube.get(PODS, 'nginx-0'), status(403, 'Forbidden'));
  await kube.get(PODS, 'nginx-0');
});

test('with graceful pods a deleted pod stays, terminating, until its kubelet deletes it with grace 0', async () => {
  const kube = new FakeKube([pod()], { gracefulPods: true });
  await kube.delete(PODS, 'nginx-0', { uid: undefined });
  assert.equal(kube.object(PODS, 'nginx-0')?.metadata.deletionGracePeriodSeconds, 30);
  await kube.delete(PODS, 'nginx-0', { uid: undefined, gracePeriodSeconds: 0 });
  assert.equal(kube.object(PODS, 'nginx-0'), undefined);
});

test('an eviction is refused with 429 while a budget allows no disruption', async () => {
  const budget = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'nginx' },
    spec: { selector: { matchLabels: { app: 'nginx' } } },
    status: { disruptionsAllowed: 0 },
  };
  const kube = new FakeKube([pod(), budget]);
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'nginx-0' } };
  const options = { subresource: 'eviction', name: 'nginx-0' };
  await assert.rejects(kube.create(PODS, eviction, options), status(429, 'TooManyRequests'));
  kube.put({ ...budget, status: { disruptionsAllowed: 1 } });
  await kube.create(PODS, eviction, options);
  assert.equal(kube.object(PODS, 'nginx-0'), undefined);
});
