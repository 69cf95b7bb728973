import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PatchError } from '../../../../sandbox/semantics/patch/patch-error.ts';
import { strategicPatch } from '../../../../sandbox/semantics/patch/strategic-patch.ts';

const statefulSet = () => ({
  metadata: { name: 'nginx', labels: { app: 'nginx' }, finalizers: ['a', 'b'] },
  spec: {
    replicas: 3,
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
    template: {
      metadata: { labels: { app: 'nginx' } },
      spec: {
        containers: [
          { name: 'web', image: 'nginx:1', env: [{ name: 'A', value: '1' }], ports: [{ containerPort: 80 }] },
          { name: 'log', image: 'log:1' },
        ],
        tolerations: [{ key: 'old' }],
      },
    },
  },
});

const containersOf = (object: unknown) =>
  (object as ReturnType<typeof statefulSet>).spec.template.spec.containers as unknown[];

test('setting one image leaves the other containers and fields alone', () => {
  const patch = {
    spec: { template: { spec: { containers: [{ name: 'web', image: 'nginx:2' }] } } },
  };
  const patched = strategicPatch(statefulSet(), patch, 'StatefulSet');
  const expected = statefulSet();
  expected.spec.template.spec.containers[0]!.image = 'nginx:2';
  assert.deepEqual(patched, expected);
});

test('the restart annotation lands in a template that had none', () => {
  const annotations = { 'kubectl.kubernetes.io/restartedAt': '2026-01-01T00:00:00Z' };
  const patched = strategicPatch(
    statefulSet(),
    { spec: { template: { metadata: { annotations } } } },
    'StatefulSet',
  ) as { spec: { template: { metadata: unknown } } };
  assert.deepEqual(patched.spec.template.metadata, { labels: { app: 'nginx' }, annotations });
});

test('a template under $patch replace takes the place of the old one, its nulls left out', () => {
  const template = {
    metadata: { creationTimestamp: null, labels: { app: 'nginx' } },
    spec: { containers: [{ name: 'web', image: 'nginx:1' }] },
  };
  const patched = strategicPatch(
    statefulSet(),
    { spec: { template: { $patch: 'replace', ...template } } },
    'StatefulSet',
  ) as { spec: { template: unknown; replicas: number } };
  assert.deepEqual(patched.spec.template, { ...template, metadata: { labels: { app: 'nginx' } } });
  assert.equal(patched.spec.replicas, 3);
});

test('an element marked for deletion goes, and the order directive orders the rest', () => {
  const patched = strategicPatch(
    statefulSet(),
    {
      spec: {
        template: {
          spec: {
            '$setElementOrder/containers': [{ name: 'side' }, { name: 'web' }],
            containers: [
              { name: 'side', image: 's:1' },
              { $patch: 'delete', name: 'log' },
            ],
          },
        },
      },
    },
    'StatefulSet',
  );
  assert.deepEqual(
    containersOf(patched).map((container) => (container as { name: string }).name),
    ['side', 'web'],
  );
});

test('an element that the server alone knows keeps its place among the ordered ones', () => {
  const current = { spec: { ports: [{ port: 1 }, { port: 2 }, { port: 3 }] } };
  const patch = { spec: { '$setElementOrder/ports': [{ port: 3 }, { port: 1 }], ports: [{ port: 3, name: 'x' }] } };
  assert.deepEqual(strategicPatch(current, patch, 'Service'), {
    spec: { ports: [{ port: 2 }, { port: 3, name: 'x' }, { port: 1 }] },
  });
});

test('a list replaced by directive holds the patch alone', () => {
  const patch = { spec: { template: { spec: { containers: [{ name: 'x', image: 'y' }, { $patch: 'replace' }] } } } };
  assert.deepEqual(containersOf(strategicPatch(statefulSet(), patch, 'StatefulSet')), [{ name: 'x', image: 'y' }]);
});

test('an atomic list is replaced as a whole', () => {
  const patch = { spec: { template: { spec: { tolerations: [{ key: 'new' }] } } } };
  const patched = strategicPatch(statefulSet(), patch, 'StatefulSet') as ReturnType<typeof statefulSet>;
  assert.deepEqual(patched.spec.template.spec.tolerations, [{ key: 'new' }]);
});

test('finalizers are added and taken out one by one', () => {
  const added = strategicPatch(statefulSet(), { metadata: { finalizers: ['c'] } }, 'StatefulSet');
  assert.deepEqual((added as ReturnType<typeof statefulSet>).metadata.finalizers, ['c', 'a', 'b']);
  const removed = strategicPatch(statefulSet(), { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'] } }, 'Pod');
  assert.deepEqual((removed as ReturnType<typeof statefulSet>).metadata.finalizers, ['b']);
});

test('$retainKeys clears what a changed union no longer holds', () => {
  const patch = { spec: { updateStrategy: { $retainKeys: ['type'], type: 'OnDelete' } } };
  const patched = strategicPatch(statefulSet(), patch, 'StatefulSet') as ReturnType<typeof statefulSet>;
  assert.deepEqual(patched.spec.updateStrategy, { type: 'OnDelete' });
});

test('cordon and uncordon set and clear one field of a node', () => {
  const cordoned = strategicPatch({ spec: { podCIDR: 'x' } }, { spec: { unschedulable: true } }, 'Node');
  assert.deepEqual(cordoned, { spec: { podCIDR: 'x', unschedulable: true } });
  assert.deepEqual(strategicPatch(cordoned, { spec: { unschedulable: null } }, 'Node'), { spec: { podCIDR: 'x' } });
});

test('conditions merge by type and the selector of a disruption budget is replaced', () => {
  assert.deepEqual(
    strategicPatch(
      { status: { conditions: [{ type: 'Ready', status: 'False', reason: 'x' }] } },
      { status: { conditions: [{ type: 'Ready', status: 'True' }] } },
      'Pod',
    ),
    { status: { conditions: [{ type: 'Ready', status: 'True', reason: 'x' }] } },
  );
  assert.deepEqual(
    strategicPatch(
      { spec: { selector: { matchLabels: { a: 'b' } } } },
      { spec: { selector: { matchLabels: { c: 'd' } } } },
      'PodDisruptionBudget',
    ),
    { spec: { selector: { matchLabels: { c: 'd' } } } },
  );
});

test('a malformed patch is refused', () => {
  const refused: [unknown, number][] = [
    [[], 400],
    ['x', 400],
    [{ spec: { updateStrategy: { $retainKeys: ['type'], rollingUpdate: {} } } }, 400],
    [{ metadata: { '$deleteFromPrimitiveList/finalizers': 'a' } }, 400],
    [{ spec: { template: { spec: { containers: [{ image: 'x' }] } } } }, 500],
    [{ spec: { template: { $patch: 'frobnicate' } } }, 500],
    [
      {
        metadata: {
          '$setElementOrder/ownerReferences': [{ uid: 'a' }],
          ownerReferences: [{ uid: 'b' }],
        },
      },
      500,
    ],
  ];
  for (const [patch, httpStatus] of refused) {
    assert.throws(
      () => strategicPatch(statefulSet(), patch, 'StatefulSet'),
      (error: unknown) => error instanceof PatchError && error.httpStatus === httpStatus,
      JSON.stringify(patch),
    );
  }
});

const name = fc.constantFrom('a', 'b', 'c', 'd');
const labels = fc.dictionary(name, name, { noNullPrototype: true });
const listBy = <T>(element: fc.Arbitrary<T>, key: (element: T) => unknown) =>
  fc.uniqueArray(element, { selector: key, maxLength: 4 });
const container = fc.record(
  {
    name,
    image: name,
    env: listBy(fc.record({ name, value: name }, { noNullPrototype: true }), (entry) => entry.name),
    args: fc.array(name, { maxLength: 2 }),
  },
  { requiredKeys: ['name'], noNullPrototype: true },
);
const pod = fc.record(
  {
    metadata: fc.record({ labels, finalizers: fc.uniqueArray(name) }, { requiredKeys: [], noNullPrototype: true }),
    spec: fc.record(
      { containers: listBy(container, (entry) => entry.name), nodeSelector: labels },
      { requiredKeys: [], noNullPrototype: true },
    ),
  },
  { requiredKeys: [], noNullPrototype: true },
);
const patchOfPod = fc.tuple(pod, fc.boolean(), fc.boolean()).map(([value, unset, ordered]) => {
  const containers = value.spec?.containers;
  return {
    ...value,
    ...(unset ? { metadata: { labels: null } } : {}),
    ...(ordered && containers !== undefined
      ? {
          spec: {
            ...value.spec,
            '$setElementOrder/containers': containers.map((entry) => ({ name: entry.name })),
          },
        }
      : {}),
  };
});

test('a strategic patch applied twice gives what it gave once', () => {
  fc.assert(
    fc.property(pod, patchOfPod, (current, patch) => {
      const once = strategicPatch(current, patch, 'Pod');
      assert.deepEqual(strategicPatch(once, patch, 'Pod'), once);
    }),
  );
});

test('an empty strategic patch changes nothing, and none changes its arguments', () => {
  fc.assert(
    fc.property(pod, patchOfPod, (current, patch) => {
      assert.deepEqual(strategicPatch(current, {}, 'Pod'), current);
      const before = structuredClone([current, patch]);
      strategicPatch(current, patch, 'Pod');
      assert.deepEqual([current, patch], before);
    }),
  );
});
