import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { KubeObject } from '../../../../lib/ports.ts';
import { ApplyConflict, applyPatch, trackUpdate } from '../../../../sandbox/semantics/apply/apply-patch.ts';

const T1 = '2026-01-01T00:00:00Z';
const T2 = '2026-01-02T00:00:00Z';

interface Entry {
  manager: string;
  operation: string;
  time: string;
  fieldsV1: Record<string, unknown>;
  subresource?: string;
}
const entries = (object: KubeObject) => (object.metadata['managedFields'] ?? []) as Entry[];
const owners = (object: KubeObject) => entries(object).map(({ manager, operation }) => `${manager} ${operation}`);
const fieldsOf = (object: KubeObject, manager: string) =>
  entries(object).find((entry) => entry.manager === manager)?.fieldsV1;

const configMap = (data: object, metadata: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'c', namespace: 'default', ...metadata },
  data,
});
const apply = (live: KubeObject | undefined, applied: KubeObject, manager: string, more = {}) =>
  applyPatch(live, applied, { manager, force: false, kind: applied.kind ?? '', now: T1, ...more });
const update = (before: KubeObject | undefined, after: KubeObject, manager: string, more = {}) =>
  trackUpdate(before, after, { manager, now: T1, apiVersion: after.apiVersion ?? '', ...more });

const statefulSet = (containers: object[], spec: object = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'nginx', namespace: 'default' },
  spec: { ...spec, template: { spec: { containers } } },
});
const containersOf = (object: KubeObject) =>
  (object['spec'] as { template: { spec: { containers: object[] } } }).template.spec.containers;

test('the manager of an apply owns the fields that it sets, leaf by leaf, elements of keyed lists with their keys', () => {
  const object = apply(
    undefined,
    statefulSet([{ name: 'web', image: 'nginx:1', args: ['a'] }], { replicas: 3 }),
    'ann',
  );
  assert.deepEqual(entries(object), [
    {
      manager: 'ann',
      operation: 'Apply',
      apiVersion: 'apps/v1',
      time: T1,
      fieldsType: 'FieldsV1',
      fieldsV1: {
        'f:spec': {
          'f:replicas': {},
          'f:template': {
            'f:spec': {
              'f:containers': { 'k:{"name":"web"}': { '.': {}, 'f:name': {}, 'f:image': {}, 'f:args': {} } },
            },
          },
        },
      },
    },
  ]);
});

test('changing a field of another manager is refused, in the words of the real server', () => {
  const live = update(undefined, configMap({ a: '1' }), 'kubectl-edit');
  assert.throws(
    () => apply(live, configMap({ a: '2' }), 'ann'),
    (error: unknown) => {
      assert.ok(error instanceof ApplyConflict);
      assert.equal(error.httpStatus, 409);
      assert.equal(error.reason, 'Conflict');
      assert.equal(error.message, 'Apply failed with 1 conflict: conflict with "kubectl-edit" using v1: .data.a');
      assert.deepEqual(error.causes, [
        { reason: 'FieldManagerConflict', message: 'conflict with "kubectl-edit" using v1', field: '.data.a' },
      ]);
      return true;
    },
  );
});

test('several conflicts are listed by manager', () => {
  const one = update(undefined, statefulSet([{ name: 'web', image: 'nginx:1' }], { replicas: 1 }), 'edit');
  const live = update(one, { ...one, spec: { ...(one['spec'] as object), replicas: 2 } }, 'hpa', {
    subresource: 'scale',
  });
  assert.throws(
    () => apply(live, statefulSet([{ name: 'web', image: 'nginx:2' }], { replicas: 3 }), 'ann'),
    new RegExp(
      [
        'Apply failed with 2 conflicts: conflicts with "edit" using apps/v1:',
        '- .spec.template.spec.containers[name="web"].image',
        'conflicts with "hpa" with subresource "scale" using apps/v1:',
        '- .spec.replicas',
      ]
        .join('\n')
        .replace(/[.[\]()]/g, '\\$&'),
    ),
  );
});

test('force takes the field over', () => {
  const live = update(undefined, configMap({ a: '1' }), 'edit');
  const forced = apply(live, configMap({ a: '2' }), 'ann', { force: true });
  assert.deepEqual(forced['data'], { a: '2' });
  assert.deepEqual(fieldsOf(forced, 'ann'), { 'f:data': { 'f:a': {} } });
  assert.deepEqual(fieldsOf(forced, 'edit'), { 'f:data': {} });
});

test('the same value may have several owners', () => {
  const first = apply(undefined, configMap({ a: '1' }), 'ann');
  const second = apply(first, configMap({ a: '1' }), 'bob');
  assert.deepEqual(owners(second), ['ann Apply', 'bob Apply']);
});

test('a field no longer applied goes, unless someone else owns it too', () => {
  const first = apply(undefined, configMap({ a: '1', b: '2' }), 'ann');
  assert.deepEqual(apply(first, configMap({ a: '1' }), 'ann')['data'], { a: '1' });
  const shared = apply(first, configMap({ b: '2' }), 'bob');
  assert.deepEqual(apply(shared, configMap({ a: '1' }), 'ann')['data'], { a: '1', b: '2' });
});

const WEB_AND_LOG = [
  { name: 'web', image: 'a' },
  { name: 'log', image: 'b' },
];

test('a list element no longer applied goes with the defaults that no manager owns, others stay', () => {
  const first = apply(undefined, statefulSet(WEB_AND_LOG), 'ann');
  const defaulted = {
    ...first,
    spec: { template: { spec: { containers: containersOf(first).map((one) => ({ ...one, resources: {} })) } } },
  };
  const injected = apply(defaulted, statefulSet([{ name: 'side', image: 'c' }]), 'mesh');
  const next = apply(injected, statefulSet([{ name: 'web', image: 'a' }]), 'ann');
  assert.deepEqual(containersOf(next), [
    { name: 'web', image: 'a', resources: {} },
    { name: 'side', image: 'c' },
  ]);
});

test('owning a field inside a list element does not keep the element', () => {
  const first = apply(undefined, statefulSet(WEB_AND_LOG), 'ann');
  const edited = statefulSet([
    { name: 'web', image: 'a' },
    { name: 'log', image: 'c' },
  ]);
  const live = update(first, { ...edited, metadata: first.metadata }, 'edit');
  assert.deepEqual(containersOf(apply(live, statefulSet([{ name: 'web', image: 'a' }]), 'ann')), [
    { name: 'web', image: 'a' },
  ]);
});

test('one port number under two protocols makes two elements', () => {
  const service = (ports: object[]): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's' },
    spec: { ports },
  });
  const first = apply(undefined, service([{ port: 53, name: 'tcp' }]), 'ann');
  const second = apply(first, service([{ port: 53, protocol: 'UDP', name: 'udp' }]), 'bob');
  assert.deepEqual((second['spec'] as { ports: object[] }).ports, [
    { port: 53, name: 'tcp' },
    { port: 53, protocol: 'UDP', name: 'udp' },
  ]);
});

test('applying the same again changes nothing, not even a time', () => {
  const once = apply(undefined, configMap({ a: '1' }), 'ann');
  assert.deepEqual(apply(once, configMap({ a: '1' }), 'ann', { now: T2 }), once);
});

test('an apply to an object without owners leaves what was there to a stand-in', () => {
  const live = apply(configMap({ old: '1' }), configMap({ a: '1' }), 'ann');
  assert.deepEqual(owners(live), ['ann Apply', 'before-first-apply Update']);
  assert.deepEqual(live['data'], { old: '1', a: '1' });
  assert.throws(() => apply(configMap({ old: '1' }), configMap({ old: '2' }), 'ann'), ApplyConflict);
});

test('an apply leaves the status and the identity of the live object alone', () => {
  const live = { ...configMap({ a: '1' }, { uid: 'u', resourceVersion: '7', generation: 2 }), status: { x: 1 } };
  const applied = apply(live, { ...configMap({ b: '2' }), status: { x: 2 } }, 'ann');
  assert.equal(applied.metadata.uid, 'u');
  assert.equal(applied.metadata.generation, 2);
  assert.deepEqual(applied['status'], { x: 1 });
  const locked = apply(live, configMap({ b: '2' }, { resourceVersion: '6' }), 'ann');
  assert.equal(locked.metadata.resourceVersion, '6', 'a version to check against reaches the check');
});

test('an ordinary write owns what it changed and takes it from others', () => {
  const created = update(undefined, configMap({ a: '1', b: '1' }, { labels: { x: 'y' } }), 'ann');
  assert.deepEqual(fieldsOf(created, 'ann'), {
    'f:metadata': { 'f:labels': { '.': {}, 'f:x': {} } },
    'f:data': { '.': {}, 'f:a': {}, 'f:b': {} },
  });
  const changed = update(created, { ...created, data: { a: '2' } }, 'bob', { now: T2 });
  assert.deepEqual(fieldsOf(changed, 'bob'), { 'f:data': { 'f:a': {} } });
  assert.deepEqual(fieldsOf(changed, 'ann'), {
    'f:metadata': { 'f:labels': { '.': {}, 'f:x': {} } },
    'f:data': {},
  });
  assert.deepEqual(
    entries(changed).map(({ time }) => time),
    [T1, T2],
  );
});

test('a write that changes nothing, or the identity only, changes no owner', () => {
  const created = update(undefined, configMap({ a: '1' }), 'ann');
  const again = update(created, { ...created, metadata: { ...created.metadata, resourceVersion: '9' } }, 'bob');
  assert.deepEqual(entries(again), entries(created));
});

test('a write to the status is kept apart by its subresource', () => {
  const created = update(undefined, statefulSet([{ name: 'web' }]), 'ann');
  const reported = update(created, { ...created, status: { replicas: 1 } }, 'controller', { subresource: 'status' });
  assert.deepEqual(fieldsOf(reported, 'controller'), { 'f:status': { 'f:replicas': {} } });
  assert.equal(entries(reported).find(({ manager }) => manager === 'controller')?.subresource, 'status');
});

test('owners that a client sends are kept, and one empty entry forgets them all', () => {
  const created = update(undefined, configMap({ a: '1' }), 'kubectl-client-side-apply');
  const renamed = entries(created).map((entry) => ({ ...entry, manager: 'kubectl', operation: 'Apply' }));
  const migrated = update(created, { ...created, metadata: { ...created.metadata, managedFields: renamed } }, 'x');
  assert.deepEqual(owners(migrated), ['kubectl Apply']);
  const forgotten = update(created, { ...created, metadata: { ...created.metadata, managedFields: [{}] } }, 'x');
  assert.equal(forgotten.metadata['managedFields'], undefined);
});

const key = fc.constantFrom('a', 'b', 'c');
const options = { noNullPrototype: true };
const container = fc.record(
  {
    name: key,
    image: key,
    env: fc.uniqueArray(fc.record({ name: key, value: key }, options), { selector: (e) => e.name }),
  },
  { requiredKeys: ['name'], ...options },
);
const config = fc
  .record({
    labels: fc.dictionary(key, key, options),
    replicas: fc.nat(3),
    containers: fc.uniqueArray(container, { selector: (one) => one.name }),
  })
  .map(({ labels, replicas, containers }) => {
    const object = statefulSet(containers, { replicas });
    return { ...object, metadata: { ...object.metadata, labels } };
  });
const manager = fc.constantFrom('ann', 'bob');

test('an apply done twice gives what it gave once, with any object before it', () => {
  fc.assert(
    fc.property(config, config, config, manager, manager, (first, second, last, one, other) => {
      const live = apply(update(undefined, first, one), second, other, { force: true });
      const once = apply(live, last, one, { force: true });
      assert.deepEqual(apply(once, last, one, { force: true, now: T2 }), once);
      assert.deepEqual(apply(once, last, one, { now: T2 }), once, 'without force too: all of it is owned now');
    }),
  );
});

test('after an apply the object holds every value applied', () => {
  fc.assert(
    fc.property(config, config, manager, (first, last, name) => {
      const after = apply(update(undefined, first, 'ann'), last, name, { force: true });
      assert.deepEqual({ ...last.metadata.labels, ...after.metadata.labels }, after.metadata.labels);
      for (const applied of containersOf(last) as { name: string; image?: string }[]) {
        const found = (containersOf(after) as { name: string; image?: string }[]).find(
          ({ name: n }) => n === applied.name,
        );
        assert.equal(applied.image ?? found?.image, found?.image);
      }
    }),
  );
});
