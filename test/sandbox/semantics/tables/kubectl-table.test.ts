import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as resources from '../../../../lib/ports/resources.ts';
import type { KubeObject, Resource } from '../../../../lib/ports.ts';
import { renderAge } from '../../../../sandbox/semantics/tables/age-cell.ts';
import { renderTable } from '../../../../sandbox/semantics/tables/kubectl-table.ts';

const nowMs = Date.parse('2026-01-01T12:00:00Z');
const created = '2026-01-01T11:59:00Z';
const secondsAgo = (seconds: number) => new Date(nowMs - seconds * 1000).toISOString();

interface Table {
  columnDefinitions: { name: string; priority: number }[];
  rows: { cells: unknown[]; object?: KubeObject; conditions?: unknown[] }[];
}
const render = (resource: Resource, object: object, options = {}) =>
  renderTable(resource, [{ metadata: { name: 'x', creationTimestamp: created }, ...object }], {
    nowMs,
    includeObject: 'Metadata',
    withColumns: true,
    ...options,
  }) as Table;
const cells = (resource: Resource, object: object) => render(resource, object).rows[0]?.cells;

test('ages are written as kubectl writes them', () => {
  const minute = 60;
  const hour = 60 * minute;
  const day = 24 * hour;
  const cases: [number, string][] = [
    [-5, '<invalid>'],
    [-1, '0s'],
    [0, '0s'],
    [119, '119s'],
    [2 * minute, '2m'],
    [2 * minute + 5, '2m5s'],
    [10 * minute + 30, '10m'],
    [179 * minute, '179m'],
    [3 * hour, '3h'],
    [7 * hour + 5 * minute, '7h5m'],
    [8 * hour + 5 * minute, '8h'],
    [47 * hour, '47h'],
    [2 * day, '2d'],
    [2 * day + 3 * hour, '2d3h'],
    [8 * day + 3 * hour, '8d'],
    [729 * day, '729d'],
  ];
  for (const [seconds, text] of cases) {
    assert.equal(renderAge(seconds * 1000), text, String(seconds));
  }
});

test('a sidecar counts among the containers of a pod, an init container does not', () => {
  const initContainers = [{ name: 'setup' }, { name: 'proxy', restartPolicy: 'Always' }];
  const ended = { name: 'setup', ready: true, restartCount: 0, state: { terminated: { exitCode: 0 } } };
  const pod = {
    spec: { initContainers, containers: [{ name: 'web' }] },
    status: {
      phase: 'Running',
      initContainerStatuses: [ended, { ...running(), name: 'proxy', started: true }],
      containerStatuses: [running()],
    },
  };
  assert.deepEqual(cells(resources.PODS, pod)?.slice(0, 3), ['x', '2/2', 'Running']);
});

const running = (more: object = {}) => ({
  name: 'web',
  ready: true,
  restartCount: 0,
  state: { running: {} },
  ...more,
});
const pod = (status: object, spec: object = {}, metadata: object = {}) => ({
  metadata: { name: 'nginx-0', creationTimestamp: created, ...metadata },
  spec: { nodeName: 'node-1', containers: [{ name: 'web' }], ...spec },
  status,
});

test('a running pod shows its address, node and gates', () => {
  const object = pod(
    {
      phase: 'Running',
      podIP: '10.0.0.7',
      containerStatuses: [running()],
      conditions: [{ type: 'gate-a', status: 'True' }],
    },
    { readinessGates: [{ conditionType: 'gate-a' }, { conditionType: 'gate-b' }] },
  );
  assert.deepEqual(cells(resources.PODS, object), [
    'nginx-0',
    '1/1',
    'Running',
    '0',
    '60s',
    '10.0.0.7',
    'node-1',
    '<none>',
    '1/2',
  ]);
});

test('the status of a pod is the word that kubectl would choose', () => {
  const waiting = (reason: string) => running({ ready: false, state: { waiting: { reason } } });
  const ended = (terminated: object) => running({ ready: false, state: { terminated } });
  const init = (state: object) => ({ phase: 'Pending', initContainerStatuses: [{ name: 'i', state }] });
  const two = { initContainers: [{ name: 'i' }, { name: 'j' }] };
  const cases: [string, object][] = [
    ['Pending', pod({ phase: 'Pending' })],
    ['ContainerCreating', pod({ phase: 'Pending', containerStatuses: [waiting('ContainerCreating')] })],
    ['CrashLoopBackOff', pod({ phase: 'Running', containerStatuses: [waiting('CrashLoopBackOff')] })],
    ['ImagePullBackOff', pod({ phase: 'Pending', containerStatuses: [waiting('ImagePullBackOff')] })],
    ['Error', pod({ phase: 'Failed', containerStatuses: [ended({ reason: 'Error', exitCode: 1 })] })],
    ['ExitCode:3', pod({ phase: 'Failed', containerStatuses: [ended({ exitCode: 3 })] })],
    ['Signal:9', pod({ phase: 'Failed', containerStatuses: [ended({ signal: 9 })] })],
    ['Completed', pod({ phase: 'Succeeded', containerStatuses: [ended({ reason: 'Completed', exitCode: 0 })] })],
    ['Evicted', pod({ phase: 'Failed', reason: 'Evicted' })],
    ['Terminating', pod({ phase: 'Running', containerStatuses: [running()] }, {}, { deletionTimestamp: created })],
    ['Succeeded', pod({ phase: 'Succeeded' }, {}, { deletionTimestamp: created })],
    ['Init:0/2', pod(init({ running: {} }), two)],
    ['Init:CrashLoopBackOff', pod(init({ waiting: { reason: 'CrashLoopBackOff' } }), two)],
    ['Init:ExitCode:1', pod(init({ terminated: { exitCode: 1 } }), two)],
    [
      'SchedulingGated',
      pod({ phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] }),
    ],
  ];
  for (const [word, object] of cases) {
    assert.equal(cells(resources.PODS, object)?.[2], word);
  }
});

test('restarts are summed and the last of them dated', () => {
  const containerStatuses = [
    running({ restartCount: 2, lastState: { terminated: { finishedAt: secondsAgo(5) } } }),
    running({ restartCount: 1, lastState: { terminated: { finishedAt: secondsAgo(90) } } }),
  ];
  assert.equal(cells(resources.PODS, pod({ phase: 'Running', containerStatuses }))?.[3], '3 (5s ago)');
});

test('a pod that is over is marked as completed', () => {
  const [row] = render(resources.PODS, pod({ phase: 'Succeeded' })).rows;
  assert.deepEqual(row?.conditions, [
    { type: 'Completed', status: 'True', reason: 'Succeeded', message: 'The pod has completed successfully.' },
  ]);
});

const template = {
  spec: {
    containers: [
      { name: 'a', image: 'x:1' },
      { name: 'b', image: 'y:2' },
    ],
  },
};
const others: [Resource, object, unknown[]][] = [
  [
    resources.STATEFUL_SETS,
    { spec: { replicas: 3, template }, status: { readyReplicas: 2 } },
    ['x', '2/3', '60s', 'a,b', 'x:1,y:2'],
  ],
  [
    resources.DEPLOYMENTS,
    { spec: { replicas: 2, template, selector: { matchLabels: { a: 'b' } } }, status: { readyReplicas: 1 } },
    ['x', '1/2', 0, 0, '60s', 'a,b', 'x:1,y:2', 'a=b'],
  ],
  [
    resources.SERVICES,
    {
      spec: {
        type: 'LoadBalancer',
        clusterIP: '10.0.0.1',
        selector: { b: '2', a: '1' },
        ports: [
          { port: 80, nodePort: 30_080, protocol: 'TCP' },
          { port: 53, protocol: 'UDP' },
        ],
      },
      status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } },
    },
    ['x', 'LoadBalancer', '10.0.0.1', '1.2.3.4', '80:30080/TCP,53/UDP', '60s', 'a=1,b=2'],
  ],
  [
    resources.SERVICES,
    { spec: { type: 'LoadBalancer', clusterIP: 'None' } },
    ['x', 'LoadBalancer', 'None', '<pending>', '<none>', '60s', '<none>'],
  ],
  [
    resources.ENDPOINTS,
    { subsets: [{ addresses: ['1', '2', '3', '4'].map((ip) => ({ ip })), ports: [{ port: 80 }] }] },
    ['x', '1:80,2:80,3:80 + 1 more...', '60s'],
  ],
  [resources.ENDPOINTS, {}, ['x', '<none>', '60s']],
  [
    resources.ENDPOINT_SLICES,
    { addressType: 'IPv4', ports: [{ port: 80 }], endpoints: [{ addresses: ['1.1.1.1'] }] },
    ['x', 'IPv4', '80', '1.1.1.1', '60s'],
  ],
  [resources.ENDPOINT_SLICES, { addressType: 'IPv4' }, ['x', 'IPv4', '<unset>', '<unset>', '60s']],
  [
    resources.EVENTS,
    {
      firstTimestamp: secondsAgo(90),
      lastTimestamp: secondsAgo(30),
      type: 'Normal',
      reason: 'Killing',
      message: ' stopping\n',
      count: 2,
      source: { component: 'kubelet', host: 'node-1' },
      involvedObject: { kind: 'Pod', name: 'nginx-0', fieldPath: 'spec' },
    },
    ['30s', 'Normal', 'Killing', 'pod/nginx-0', 'spec', 'kubelet, node-1', 'stopping', '90s', 2, 'x'],
  ],
  [
    resources.NODES,
    {
      metadata: { name: 'x', creationTimestamp: created, labels: { 'node-role.kubernetes.io/worker': '' } },
      spec: { unschedulable: true },
      status: {
        conditions: [{ type: 'Ready', status: 'True' }],
        addresses: [{ type: 'InternalIP', address: '10.0.0.2' }],
        nodeInfo: { kubeletVersion: 'v1.33.0' },
      },
    },
    [
      'x',
      'Ready,SchedulingDisabled',
      'worker',
      '60s',
      'v1.33.0',
      '10.0.0.2',
      '<none>',
      '<unknown>',
      '<unknown>',
      '<unknown>',
    ],
  ],
  [
    resources.POD_DISRUPTION_BUDGETS,
    { spec: { minAvailable: '50%' }, status: { disruptionsAllowed: 1 } },
    ['x', '50%', 'N/A', 1, '60s'],
  ],
  [
    resources.CONTROLLER_REVISIONS,
    {
      metadata: {
        name: 'x',
        creationTimestamp: created,
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'nginx', uid: 'u', controller: true }],
      },
      revision: 4,
    },
    ['x', 'statefulset.apps/nginx', 4, '60s'],
  ],
  [resources.LEASES, { spec: { holderIdentity: 'ann' } }, ['x', 'ann', '60s']],
  [resources.CONFIG_MAPS, { data: { a: '1' }, binaryData: { b: '' } }, ['x', 2, '60s']],
  [resources.NAMESPACES, { status: { phase: 'Active' } }, ['x', 'Active', '60s']],
  [
    resources.HORIZONTAL_POD_AUTOSCALERS,
    {
      spec: {
        scaleTargetRef: { kind: 'StatefulSet', name: 'nginx' },
        minReplicas: 2,
        maxReplicas: 9,
        metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { averageUtilization: 60 } } }],
      },
    },
    ['x', 'StatefulSet/nginx', 'cpu: <unknown>/60%', '2', 9, 0, '60s'],
  ],
  [
    resources.PERSISTENT_VOLUME_CLAIMS,
    {
      spec: { volumeName: 'pvc-1', storageClassName: 'cbs', volumeMode: 'Filesystem' },
      status: { phase: 'Bound', capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce', 'ReadOnlyMany'] },
    },
    ['x', 'Bound', 'pvc-1', '1Gi', 'RWO,ROX', 'cbs', '<unset>', '60s', 'Filesystem'],
  ],
  [resources.ROLES, {}, ['x', '60s']],
];

for (const [resource, object, expected] of others) {
  test(`${resource.plural} show ${expected.slice(1, 4).join(' ')}`, () => {
    assert.deepEqual(cells(resource, object), expected);
  });
}

test('every row has as many cells as there are columns', () => {
  for (const [resource, object] of [...others, [resources.PODS, pod({}), []] as const]) {
    const table = render(resource, object);
    assert.equal(table.rows[0]?.cells.length, table.columnDefinitions.length, resource.plural);
  }
});

test('rows carry as much of the object as was asked for, and later watch events no columns', () => {
  const object = { metadata: { name: 'x', labels: { a: 'b' } }, data: { k: 'v' } };
  assert.deepEqual(render(resources.CONFIG_MAPS, object, { includeObject: 'Object' }).rows[0]?.object, object);
  assert.equal(render(resources.CONFIG_MAPS, object, { includeObject: 'None' }).rows[0]?.object, undefined);
  assert.deepEqual(render(resources.CONFIG_MAPS, object).rows[0]?.object, {
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata: object.metadata,
  });
  assert.deepEqual(render(resources.CONFIG_MAPS, object, { withColumns: false }).columnDefinitions, []);
});
