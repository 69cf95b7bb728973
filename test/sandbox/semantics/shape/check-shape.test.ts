import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../../lib/ports.ts';
import { withDefaults } from '../../../../sandbox/semantics/defaults/set-defaults.ts';
import { checkShape, unknownFields } from '../../../../sandbox/semantics/shape/check-shape.ts';

const statefulSet = (spec: object = {}, container: object = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'nginx', labels: { any: 'thing' } },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: 'nginx' } },
    template: {
      metadata: { labels: { app: 'nginx' } },
      spec: {
        containers: [{ name: 'web', image: 'nginx', readinessProbe: { httpGet: { port: 'http' } }, ...container }],
        volumes: [
          { name: 'data', nfs: { server: 's', path: '/' } },
          { name: 'old', cephfs: { monitors: ['m'] } },
        ],
      },
    },
    ...spec,
  },
});

test('an object of its kind has no unknown fields, with its defaults neither', () => {
  assert.deepEqual(checkShape('StatefulSet', statefulSet()), { unknown: [], mistyped: [] });
  assert.deepEqual(checkShape('StatefulSet', withDefaults('StatefulSet', statefulSet())), {
    unknown: [],
    mistyped: [],
  });
  const service = { metadata: { name: 's' }, spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } };
  assert.deepEqual(checkShape('Service', withDefaults('Service', service)), { unknown: [], mistyped: [] });
  const pod = { metadata: { name: 'p' }, spec: { containers: [{ name: 'a', image: 'b' }] } };
  assert.deepEqual(checkShape('Pod', withDefaults('Pod', pod)), { unknown: [], mistyped: [] });
});

test('a claim template is a whole object, and what it lacks is named', () => {
  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' }, spec: { size: 1 } };
  assert.deepEqual(unknownFields('StatefulSet', statefulSet({ volumeClaimTemplates: [claim] })), [
    'spec.volumeClaimTemplates[0].spec.size',
  ]);
});

test('a misspelt field is named with its path', () => {
  assert.deepEqual(unknownFields('StatefulSet', { ...statefulSet({ repicas: 3 }), extra: 1 }), [
    'spec.repicas',
    'extra',
  ]);
  assert.deepEqual(unknownFields('StatefulSet', statefulSet({}, { imagee: 'x' })), [
    'spec.template.spec.containers[0].imagee',
  ]);
  assert.deepEqual(unknownFields('ConfigMap', { metadata: { name: 'x', label: {} }, data: { any: 'key' } }), [
    'metadata.label',
  ]);
});

test('a value of the wrong type is refused in the words of the real server’s decoder', () => {
  const cases: [object, string][] = [
    [
      statefulSet({ replicas: '3' }),
      'json: cannot unmarshal string into Go struct field StatefulSetSpec.spec.replicas of type int32',
    ],
    [
      statefulSet({}, { ports: {} }),
      'json: cannot unmarshal object into Go struct field Container.spec.template.spec.containers.ports of type []v1.ContainerPort',
    ],
    [
      { metadata: { name: 'x', labels: { a: 1 } } },
      'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string',
    ],
    [
      { metadata: { name: 'x', labels: ['a'] } },
      'json: cannot unmarshal array into Go struct field ObjectMeta.metadata.labels of type map[string]string',
    ],
    [
      statefulSet({}, { tty: 'yes' }),
      'json: cannot unmarshal string into Go struct field Container.spec.template.spec.containers.tty of type bool',
    ],
    [{ spec: 'x' }, 'json: cannot unmarshal string into Go struct field StatefulSet.spec of type v1.StatefulSetSpec'],
  ];
  for (const [object, sentence] of cases) {
    assert.deepEqual(checkShape('StatefulSet', object).mistyped, [sentence]);
  }
});

test('nulls are not set, numbers and texts both do for a quantity, and unknown kinds pass', () => {
  const object = statefulSet({ replicas: null }, { resources: { limits: { cpu: 1, memory: '1Gi' } } });
  assert.deepEqual(checkShape('StatefulSet', object), { unknown: [], mistyped: [] });
  assert.deepEqual(checkShape('Widget', { whatever: 1 }), { unknown: [], mistyped: [] });
});

test('fields that came with Kubernetes 1.34 to 1.36 are known', () => {
  const container = { restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }] };
  const set = statefulSet(
    {},
    { ...container, env: [{ name: 'A', valueFrom: { fileKeyRef: { key: 'k', path: 'p' } } }] },
  );
  assert.deepEqual(checkShape('StatefulSet', set), { unknown: [], mistyped: [] });
  const spec = { hostnameOverride: 'a', schedulingGroup: { podGroupName: 'g' }, containers: [] };
  const status = { allocatedResources: { cpu: 1 }, resources: { limits: { cpu: '1' } } };
  assert.deepEqual(checkShape('Pod', { metadata: { name: 'p' }, spec, status }), { unknown: [], mistyped: [] });
});

test('autoscalers are of v2, Events of the core group', () => {
  const scaler = { metadata: { name: 'h' }, spec: { maxReplicas: 3, metrics: [{ type: 'Resource', resourcee: {} }] } };
  assert.deepEqual(unknownFields('HorizontalPodAutoscaler', scaler), ['spec.metrics[0].resourcee']);
  assert.deepEqual(unknownFields('Event', { metadata: { name: 'e' }, note: 'x', message: 'y' }), ['note']);
});
