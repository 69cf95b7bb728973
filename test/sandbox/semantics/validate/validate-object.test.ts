import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../../lib/ports.ts';
import { withDefaults } from '../../../../sandbox/semantics/defaults/set-defaults.ts';
import { mergePatch } from '../../../../sandbox/semantics/patch/merge-patch.ts';
import { validate } from '../../../../sandbox/semantics/validate/validate-object.ts';

const VALID: Record<string, object> = {
  StatefulSet: {
    spec: {
      replicas: 3,
      serviceName: 'nginx',
      updateStrategy: { type: 'OnDelete' },
      selector: { matchLabels: { app: 'nginx' } },
      template: {
        metadata: { labels: { app: 'nginx' } },
        spec: {
          containers: [{ name: 'web', image: 'nginx:1', volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
          readinessGates: [{ conditionType: 'cloud.tencent.com/load-balancer-backendgroup-ready' }],
        },
      },
      volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: {} }],
    },
  },
  Deployment: {
    spec: {
      selector: { matchLabels: { app: 'x' } },
      template: { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'a', image: 'b' }] } },
    },
  },
  Pod: { spec: { containers: [{ name: 'web', image: 'nginx:1', ports: [{ name: 'http', containerPort: 80 }] }] } },
  Service: {
    spec: { type: 'LoadBalancer', selector: { app: 'nginx' }, ports: [{ port: 80, targetPort: 'http' }] },
  },
  PodDisruptionBudget: { spec: { minAvailable: '50%', selector: { matchLabels: { app: 'x' } } } },
  ConfigMap: { data: { 'a.b': 'c' } },
  Lease: { spec: { leaseDurationSeconds: 15, holderIdentity: 'x' } },
};

/** A valid object of the kind with one change, defaults filled in. */
function make(kind: string, change: object = {}): KubeObject {
  const base = { kind, metadata: { name: 'nginx', namespace: 'default' }, ...VALID[kind] };
  return withDefaults(kind, mergePatch(base, change) as KubeObject);
}
const inspect = (kind: string, change: object, old?: KubeObject) =>
  validate(kind, make(kind, change), old).map(({ type, field, message }) => `${type} ${field}: ${message}`);

/** One container instead of the valid object's own. */
const container = (change: object) => ({
  spec: { containers: [{ name: 'web', image: 'nginx:1', ...change }], volumes: [{ name: 'tmp' }] },
});

test('the valid object of every kind has nothing wrong with it, new or written again', () => {
  for (const kind of Object.keys(VALID)) {
    assert.deepEqual(validate(kind, make(kind)), [], kind);
    assert.deepEqual(validate(kind, make(kind), make(kind)), [], kind);
  }
});

const refused: [kind: string, change: object, errors: string[]][] = [
  [
    'ConfigMap',
    { metadata: { name: '' } },
    ['FieldValueRequired metadata.name: Required value: name or generateName is required'],
  ],
  [
    'StatefulSet',
    { spec: { replicas: -1 } },
    ['FieldValueInvalid spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
  ],
  [
    'StatefulSet',
    { spec: { updateStrategy: { type: 'OnDelete', rollingUpdate: { partition: 1 } } } },
    [
      'FieldValueInvalid spec.updateStrategy.rollingUpdate: Invalid value: {"partition":1}: only allowed for updateStrategy \'RollingUpdate\'',
    ],
  ],
  [
    'StatefulSet',
    { spec: { template: { metadata: { labels: { app: 'other' } } } } },
    [
      'FieldValueInvalid spec.template.metadata.labels: Invalid value: {"app":"other"}: `selector` does not match template `labels`',
    ],
  ],
  [
    'StatefulSet',
    { spec: { selector: null } },
    [
      'FieldValueRequired spec.selector: Required value',
      'FieldValueInvalid spec.template.metadata.labels: Invalid value: {"app":"nginx"}: `selector` does not match template `labels`',
    ],
  ],
  [
    'StatefulSet',
    { spec: { selector: { matchLabels: null } } },
    ['FieldValueInvalid spec.selector: Invalid value: {}: empty selector is invalid for statefulset'],
  ],
  [
    'StatefulSet',
    { spec: { podManagementPolicy: 'Sometimes' } },
    ["FieldValueInvalid spec.podManagementPolicy: Invalid value: \"Sometimes\": must be 'OrderedReady' or 'Parallel'"],
  ],
  [
    'StatefulSet',
    { spec: { template: { spec: { containers: [] } } } },
    ['FieldValueRequired spec.template.spec.containers: Required value'],
  ],
  [
    'StatefulSet',
    { spec: { template: { spec: { restartPolicy: 'Never' } } } },
    ['FieldValueNotSupported spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
  ],
  ['Pod', container({ image: '' }), ['FieldValueRequired spec.containers[0].image: Required value']],
  [
    'Pod',
    container({ ports: [{ containerPort: 70_000 }] }),
    [
      'FieldValueInvalid spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
    ],
  ],
  [
    'Pod',
    container({
      ports: [
        { name: 'a', containerPort: 1 },
        { name: 'a', containerPort: 2 },
      ],
    }),
    ['FieldValueDuplicate spec.containers[0].ports[1].name: Duplicate value: "a"'],
  ],
  [
    'Pod',
    container({ volumeMounts: [{ name: 'gone', mountPath: '/x' }] }),
    ['FieldValueNotFound spec.containers[0].volumeMounts[0].name: Not found: "gone"'],
  ],
  [
    'Pod',
    container({ readinessProbe: {} }),
    ['FieldValueRequired spec.containers[0].readinessProbe: Required value: must specify a handler type'],
  ],
  [
    'Pod',
    {
      spec: {
        containers: [
          { name: 'a', image: 'b' },
          { name: 'a', image: 'c' },
        ],
      },
    },
    ['FieldValueDuplicate spec.containers[1].name: Duplicate value: "a"'],
  ],
  ['Service', { spec: { ports: [] } }, ['FieldValueRequired spec.ports: Required value']],
  [
    'Service',
    { spec: { ports: [{ port: 0, targetPort: 1 }] } },
    ['FieldValueInvalid spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive'],
  ],
  [
    'Service',
    { spec: { ports: [{ port: 1 }, { name: 'b', port: 2 }] } },
    ['FieldValueRequired spec.ports[0].name: Required value'],
  ],
  [
    'Service',
    {
      spec: {
        ports: [
          { name: 'a', port: 1 },
          { name: 'b', port: 1 },
        ],
      },
    },
    ['FieldValueDuplicate spec.ports[1]: Duplicate value: {"port":1,"protocol":"TCP"}'],
  ],
  [
    'Service',
    { spec: { type: 'Balancer' } },
    [
      'FieldValueNotSupported spec.type: Unsupported value: "Balancer": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
    ],
  ],
  [
    'PodDisruptionBudget',
    { spec: { maxUnavailable: 1 } },
    [
      'FieldValueInvalid spec: Invalid value: {"minAvailable":"50%","selector":{"matchLabels":{"app":"x"}},"maxUnavailable":1}: minAvailable and maxUnavailable cannot be both set',
    ],
  ],
  [
    'PodDisruptionBudget',
    { spec: { minAvailable: '150%' } },
    ['FieldValueInvalid spec.minAvailable: Invalid value: "150%": must not be greater than 100%'],
  ],
];

for (const [kind, change, errors] of refused) {
  test(`a ${kind} with ${JSON.stringify(change).slice(0, 80)} is refused`, () => {
    assert.deepEqual(inspect(kind, change), errors);
  });
}

test('names, label keys and label values must be well formed', () => {
  const fields = (kind: string, metadata: object) => validate(kind, make(kind, { metadata })).map(({ field }) => field);
  assert.deepEqual(fields('StatefulSet', { name: 'Nginx' }), ['metadata.name']);
  assert.deepEqual(fields('Service', { name: '1nginx' }), ['metadata.name']);
  assert.deepEqual(fields('Role', { name: 'system:a' }), []);
  assert.deepEqual(fields('Pod', { labels: { 'a b': 'c' } }), ['metadata.labels']);
  assert.deepEqual(fields('Pod', { labels: { a: 'b c' } }), ['metadata.labels']);
  assert.deepEqual(fields('Pod', { labels: { 'example.com/a': '' } }), []);
  assert.deepEqual(fields('Pod', { finalizers: ['a b'] }), ['metadata.finalizers']);
});

test('annotations may hold 256 KiB together and not a byte more', () => {
  const annotations = { a: 'x'.repeat(262_143) };
  assert.deepEqual(inspect('ConfigMap', { metadata: { annotations } }), []);
  assert.deepEqual(inspect('ConfigMap', { metadata: { annotations: { ...annotations, b: '' } } }), [
    'FieldValueTooLong metadata.annotations: Too long: may not be more than 262144 bytes',
  ]);
});

test('of a StatefulSet only replicas, template, strategy and the like may change', () => {
  const old = make('StatefulSet');
  for (const spec of [
    { replicas: 5 },
    { minReadySeconds: 5 },
    { ordinals: { start: 1 } },
    { revisionHistoryLimit: 3 },
    { updateStrategy: { type: 'RollingUpdate' } },
    { persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' } },
    { template: { metadata: { annotations: { a: 'b' } } } },
  ]) {
    assert.deepEqual(inspect('StatefulSet', { spec }, old), [], JSON.stringify(spec));
  }
  for (const spec of [{ serviceName: 'other' }, { podManagementPolicy: 'Parallel' }, { volumeClaimTemplates: null }]) {
    assert.ok(
      inspect('StatefulSet', { spec }, old).includes(
        "FieldValueForbidden spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
      ),
      JSON.stringify(spec),
    );
  }
});

test('of a pod only images, deadlines and added tolerations may change', () => {
  const old = make('Pod');
  const change = (spec: object) => inspect('Pod', { spec }, old).map((text) => text.split(':')[0]);
  const [web] = (old['spec'] as { containers: object[] }).containers;
  const tolerations = (old['spec'] as { tolerations: object[] }).tolerations;
  assert.deepEqual(change({ containers: [{ ...web, image: 'nginx:2' }] }), []);
  assert.deepEqual(change({ activeDeadlineSeconds: 5, terminationGracePeriodSeconds: 1 }), []);
  assert.deepEqual(change({ tolerations: [...tolerations, { key: 'a', operator: 'Exists' }] }), []);
  assert.deepEqual(change({ containers: [{ ...web, args: ['x'] }] }), ['FieldValueForbidden spec']);
  assert.deepEqual(change({ nodeName: 'other' }), ['FieldValueForbidden spec']);
  assert.deepEqual(change({ containers: [web, { name: 'b', image: 'c' }] }), ['FieldValueForbidden spec.containers']);
  const held = make('Pod', { spec: { tolerations: [...tolerations, { key: 'a', operator: 'Exists' }] } });
  assert.deepEqual(
    validate('Pod', old, held).map(({ field }) => field),
    ['spec.tolerations'],
  );
});

test('selectors and cluster IPs do not change', () => {
  const service = make('Service', { spec: { clusterIP: '10.0.0.1' } });
  assert.deepEqual(inspect('Service', { spec: { clusterIP: '10.0.0.2' } }, service), [
    'FieldValueInvalid spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: may not change once set',
  ]);
  const labels = { selector: { matchLabels: { b: 'c' } }, template: { metadata: { labels: { b: 'c' } } } };
  assert.deepEqual(
    validate('Deployment', make('Deployment', { spec: labels }), make('Deployment')).map(({ field }) => field),
    ['spec.selector'],
  );
});

test('the selector of a ReplicaSet does not change either: a Deployment finds its pods by it', () => {
  const { spec } = VALID['Deployment'] as { spec: object };
  const before = withDefaults('ReplicaSet', {
    kind: 'ReplicaSet',
    metadata: { name: 'a', namespace: 'default' },
    spec,
  });
  const after = mergePatch(before, {
    spec: { selector: { matchLabels: { b: 'c' } }, template: { metadata: { labels: { b: 'c' } } } },
  }) as KubeObject;
  assert.deepEqual(validate('ReplicaSet', before, before), []);
  assert.deepEqual(
    validate('ReplicaSet', after, before).map(({ field }) => field),
    ['spec.selector'],
  );
});

test('a kind that no person writes by hand in a rehearsal is checked in its metadata alone', () => {
  assert.deepEqual(inspect('Lease', { spec: { leaseDurationSeconds: 0 } }), []);
  assert.deepEqual(inspect('Lease', { metadata: { labels: { 'a b': 'c' } } }).length, 1);
});
