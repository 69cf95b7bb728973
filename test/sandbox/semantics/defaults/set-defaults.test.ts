import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../../lib/ports.ts';
import { withDefaults } from '../../../../sandbox/semantics/defaults/set-defaults.ts';

const guide = (): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'nginx', namespace: 'default' },
  spec: {
    selector: { matchLabels: { app: 'nginx' } },
    serviceName: 'nginx',
    template: {
      metadata: { labels: { app: 'nginx' } },
      spec: { containers: [{ name: 'nginx', image: 'nginx', ports: [{ containerPort: 80 }] }] },
    },
  },
});
const spec = (object: KubeObject) => object['spec'] as Record<string, unknown>;

test('a StatefulSet gets every default of apps/v1, its template those of a pod template', () => {
  assert.deepEqual(withDefaults('StatefulSet', guide()), {
    ...guide(),
    spec: {
      selector: { matchLabels: { app: 'nginx' } },
      serviceName: 'nginx',
      replicas: 1,
      podManagementPolicy: 'OrderedReady',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      revisionHistoryLimit: 10,
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      template: {
        metadata: { labels: { app: 'nginx' } },
        spec: {
          containers: [
            {
              name: 'nginx',
              image: 'nginx',
              imagePullPolicy: 'Always',
              ports: [{ containerPort: 80, protocol: 'TCP' }],
              resources: {},
              terminationMessagePath: '/dev/termination-log',
              terminationMessagePolicy: 'File',
            },
          ],
          restartPolicy: 'Always',
          terminationGracePeriodSeconds: 30,
          dnsPolicy: 'ClusterFirst',
          securityContext: {},
          schedulerName: 'default-scheduler',
        },
      },
    },
  });
});

test('OnDelete gets no rollingUpdate, and what is set stays, zero included', () => {
  const object = guide();
  Object.assign(spec(object), { updateStrategy: { type: 'OnDelete' }, replicas: 0, revisionHistoryLimit: null });
  const filled = spec(withDefaults('StatefulSet', object));
  assert.deepEqual(filled['updateStrategy'], { type: 'OnDelete' });
  assert.equal(filled['replicas'], 0);
  assert.equal(filled['revisionHistoryLimit'], 10);
});

test('the pull policy follows the tag', () => {
  const policies: [string, string][] = [
    ['nginx', 'Always'],
    ['nginx:latest', 'Always'],
    ['nginx:1.25', 'IfNotPresent'],
    ['registry:5000/nginx', 'Always'],
    ['registry:5000/nginx:1', 'IfNotPresent'],
    ['nginx@sha256:0123', 'IfNotPresent'],
  ];
  for (const [image, policy] of policies) {
    const pod = withDefaults('Pod', { metadata: { name: 'x' }, spec: { containers: [{ name: 'a', image }] } });
    const [container] = spec(pod)['containers'] as { imagePullPolicy: string }[];
    assert.equal(container?.imagePullPolicy, policy, image);
  }
});

test('a pod gets probes, requests, tolerations and a service account', () => {
  const pod = withDefaults('Pod', {
    metadata: { name: 'x' },
    spec: {
      containers: [
        {
          name: 'a',
          image: 'a:1',
          readinessProbe: { httpGet: { port: 80 } },
          resources: { limits: { cpu: '1', memory: '1Gi' } },
          env: [{ name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
        },
      ],
      volumes: [{ name: 'tmp' }, { name: 'conf', configMap: { name: 'c' } }],
    },
  });
  const filled = spec(pod);
  const [container] = filled['containers'] as Record<string, unknown>[];
  assert.deepEqual(container?.['readinessProbe'], {
    httpGet: { port: 80, path: '/', scheme: 'HTTP' },
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  });
  assert.deepEqual(container?.['resources'], {
    limits: { cpu: '1', memory: '1Gi' },
    requests: { cpu: '1', memory: '1Gi' },
  });
  assert.deepEqual(container?.['env'], [
    { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP', apiVersion: 'v1' } } },
  ]);
  assert.deepEqual(filled['volumes'], [
    { name: 'tmp', emptyDir: {} },
    { name: 'conf', configMap: { name: 'c', defaultMode: 420 } },
  ]);
  assert.deepEqual(
    (filled['tolerations'] as { key: string }[]).map(({ key }) => key),
    ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'],
  );
  assert.equal(filled['serviceAccountName'], 'default');
  assert.equal(filled['enableServiceLinks'], true);
});

test('a LoadBalancer Service gets ports and policies; its address and families are allocated', () => {
  const service = withDefaults('Service', {
    metadata: { name: 'nginx', namespace: 'default' },
    spec: { type: 'LoadBalancer', ports: [{ port: 80 }, { name: 'b', port: 8080, targetPort: 'web' }] },
  });
  assert.deepEqual(spec(service), {
    type: 'LoadBalancer',
    ports: [
      { port: 80, protocol: 'TCP', targetPort: 80 },
      { name: 'b', port: 8080, protocol: 'TCP', targetPort: 'web' },
    ],
    sessionAffinity: 'None',
    internalTrafficPolicy: 'Cluster',
    externalTrafficPolicy: 'Cluster',
    allocateLoadBalancerNodePorts: true,
  });
});

test('session affinity gets its time-out, and a Service inside the cluster no external policy', () => {
  const filled = spec(
    withDefaults('Service', {
      metadata: { name: 'x' },
      spec: { clusterIP: 'None', sessionAffinity: 'ClientIP', ports: [{ port: 80 }] },
    }),
  );
  assert.deepEqual(filled['ports'], [{ port: 80, protocol: 'TCP', targetPort: 80 }]);
  assert.deepEqual(filled['sessionAffinityConfig'], { clientIP: { timeoutSeconds: 10_800 } });
  assert.equal(filled['externalTrafficPolicy'], undefined);
});

test('a namespace carries its name as a label, a Secret keeps no stringData', () => {
  const namespace = withDefaults('Namespace', { metadata: { name: 'web' } });
  assert.deepEqual(namespace.metadata.labels, { 'kubernetes.io/metadata.name': 'web' });
  const secret = withDefaults('Secret', { metadata: { name: 's' }, stringData: { a: 'b' } });
  assert.deepEqual(secret, { metadata: { name: 's' }, type: 'Opaque', data: { a: 'Yg==' } });
});

test('defaults are stable when applied again, and leave the argument alone', () => {
  const pod = { metadata: { name: 'p' }, spec: { containers: [{ name: 'a', image: 'b' }] } };
  const service = { metadata: { name: 's' }, spec: { type: 'NodePort', ports: [{ port: 1 }] } };
  const deployment = { ...guide(), kind: 'Deployment' };
  const samples: [string, KubeObject][] = [
    ['StatefulSet', guide()],
    ['Deployment', deployment],
    ['Pod', pod],
    ['Service', service],
    ['PodDisruptionBudget', { metadata: { name: 'x' }, spec: {} }],
    ['RoleBinding', { metadata: { name: 'x' }, roleRef: { name: 'r' }, subjects: [{ kind: 'User', name: 'a' }] }],
    ['EndpointSlice', { metadata: { name: 'x' }, ports: [{ port: 80 }] }],
    ['ConfigMap', { metadata: { name: 'x' }, data: { a: 'b' } }],
  ];
  for (const [kind, object] of samples) {
    const before = structuredClone(object);
    const once = withDefaults(kind, object);
    assert.deepEqual(withDefaults(kind, once), once, kind);
    assert.deepEqual(object, before, kind);
  }
});
