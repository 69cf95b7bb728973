import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { PODS, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { service } from '../../builders.ts';
import { common, type Rehearsal, rehearse } from '../rehearsal/rehearsal.ts';

import { budget, type Case, checked, controllerConfig, found, shows } from './cases.ts';

const autoscaler: KubeObject = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'nginx', namespace: 'default' },
  spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'nginx' } },
};
const putAll =
  (...objects: KubeObject[]) =>
  ({ kube }: Rehearsal) => {
    for (const object of objects) kube.put(object);
  };

/** The warnings of check that do not stop drain. */
const WARNED: readonly (Case & { says: RegExp })[] = [
  {
    name: 'OrderedReady',
    rule: 'pod-management',
    options: { set: { podManagementPolicy: 'OrderedReady' } },
    says: /one after the other/,
  },
  {
    name: 'ordinals that do not start at 0',
    rule: 'ordinals-start',
    says: /start at 3/,
    arrange: ({ kube }) =>
      void kube.edit(STATEFUL_SETS, 'nginx', (object) => {
        object['spec'] = { ...(object['spec'] as object), ordinals: { start: 3 } };
      }),
  },
  {
    name: 'a record of another format',
    rule: 'record-format',
    options: { service: { annotations: { 'nginx.kubectl-zeroloss/advanced': '{"format":2,"next":[1]}' } } },
    says: /not trusted and not erased/,
  },
  {
    name: 'a hostPath',
    rule: 'host-path',
    options: {
      set: { merge: { spec: { template: { spec: { volumes: [{ name: 'data', hostPath: { path: '/data' } }] } } } } },
    },
    says: /volume data/,
  },
  {
    name: 'a preStop as long as the grace period',
    rule: 'termination',
    options: {
      set: {
        merge: {
          spec: {
            template: {
              spec: {
                terminationGracePeriodSeconds: 20,
                containers: [
                  { name: 'nginx', image: 'nginx:1.25.4', lifecycle: { preStop: { sleep: { seconds: 20 } } } },
                ],
              },
            },
          },
        },
      },
    },
    says: /killed before/,
  },
  {
    name: 'a pod without the readiness gate',
    rule: 'readiness-gate',
    says: /nginx-2 has no readiness gate/,
    arrange: ({ kube }) =>
      void kube.edit(PODS, 'nginx-2', (object) => {
        object['spec'] = { ...(object['spec'] as object), readinessGates: [] };
      }),
  },
  {
    name: 'a pod that is missing',
    rule: 'pods-exist',
    says: /nginx-7 does not exist/,
    arrange: ({ kube }) => kube.remove(PODS, 'nginx-7'),
  },
  { name: 'an autoscaler', rule: 'no-autoscaler', says: /owns the replicas/, arrange: putAll(autoscaler) },
  {
    name: 'a budget that allows nothing',
    rule: 'disruption-budget',
    says: /allows no disruption/,
    arrange: putAll(budget('one', 0)),
  },
  {
    name: 'two budgets',
    rule: 'disruption-budget',
    says: /evictions fail/,
    arrange: putAll(budget('one', 1), budget('two', 1)),
  },
  {
    name: 'an operator that owns the StatefulSet',
    rule: 'owned-by-controller',
    options: {
      set: {
        merge: {
          metadata: {
            ownerReferences: [{ apiVersion: 'x/v1', kind: 'Gateway', name: 'edge', uid: 'u', controller: true }],
          },
        },
      },
    },
    says: /Gateway\/edge/,
  },
  {
    name: 'a deployment tool that wrote the replicas',
    rule: 'replicas-owner',
    options: {
      set: {
        merge: {
          metadata: { managedFields: [{ manager: 'argocd-controller', fieldsV1: { 'f:spec': { 'f:replicas': {} } } }] },
        },
      },
    },
    says: /argocd-controller/,
  },
  {
    name: 'another writer of the weights',
    rule: 'weight-owner',
    options: {
      service: {
        merge: {
          metadata: {
            managedFields: [
              {
                manager: 'autopilot',
                time: 't',
                fieldsV1: { 'f:metadata': { 'f:annotations': { 'f:service.cloud.tencent.com/lb-rs-weight': {} } } },
              },
            ],
          },
        },
      },
    },
    says: /autopilot on service\/nginx/,
  },
  {
    name: 'a scheduler that hashes',
    rule: 'scheduler',
    says: /IP_HASH/,
    arrange: shows({ scheduler: 'IP_HASH' }),
  },
  {
    name: 'resets on unbind',
    rule: 'reset-on-unbind',
    says: /DeregisterTargetRst/,
    arrange: shows({ resetsOnUnbind: true }),
  },
  {
    name: 'a listener without health check',
    rule: 'health-check',
    says: /no health check/,
    arrange: shows({ healthCheck: { on: false, intervalSeconds: 5, healthyThreshold: 3, unhealthyThreshold: 3 } }),
  },
  {
    name: 'a weight that is not what is wanted',
    rule: 'weights-shown',
    says: /nginx-1 at weight 3/,
    arrange: ({ balancer }) => void balancer.override.set('nginx-1', 3),
  },
  {
    name: 'a pod that is not healthy',
    rule: 'backends-healthy',
    says: /nginx-1/,
    arrange: ({ balancer }) => void balancer.health.set('nginx-1', 'probing'),
  },
  {
    name: 'an old service-controller',
    rule: 'controller-version',
    says: /v1\.5\.9, older/,
    arrange: putAll(controllerConfig({ VERSION: 'v1.5.9' })),
  },
  { name: 'no version of the service-controller', rule: 'controller-version', says: /unknown/ },
  {
    name: 'listeners of another protocol',
    rule: 'specify-protocol',
    options: { service: { annotations: { 'service.cloud.tencent.com/specify-protocol': '{}' } } },
    says: /not documented/,
  },
  {
    name: 'a blank weight annotation',
    rule: 'annotation-blank',
    options: { service: { rsWeight: ' ' } },
    says: /service\/nginx: annotation .*lb-rs-weight is blank: .* bind no new pod/,
  },
  { name: 'no readiness probe', rule: 'readiness-probe', says: /container nginx/ },
];

describe('check warns', () => {
  for (const { name, rule, options, arrange, says } of WARNED) {
    it(`of ${name}`, async () => {
      const rehearsal = rehearse(options);
      arrange?.(rehearsal);
      const finding = found((await checked(rehearsal)).findings, rule, 'WARN');
      assert.match(finding?.message ?? 'no such finding', says);
    });
  }

  it('of session persistence that outlasts the stability window, and names the stability window to use', async () => {
    const rehearsal = rehearse();
    rehearsal.balancer.listener = { sessionExpireSeconds: 3600 };
    const short = found((await checked(rehearsal)).findings, 'session-persistence', 'WARN');
    assert.match(String(short?.cure ?? ''), /wait-zero nginx --stable-for 1h/);
    const long = await checked(rehearsal, { stableForMs: 3_600_000 });
    assert.ok(found(long.findings, 'session-persistence', 'OK'));
  });

  it('of a Service that --service leaves out, and of the traffic it goes on sending', async () => {
    const rehearsal = rehearse({
      services: [service(), service({ name: 'second', selector: { app: 'nginx' }, loadBalancerId: 'lb-two' })],
    });
    const { findings, code } = await checked(rehearsal, { services: ['nginx'] });
    assert.match(String(found(findings, 'service-left-out', 'WARN')?.cure ?? ''), /--service nginx,second/);
    assert.match(found(findings, 'no-other-binding', 'WARN')?.message ?? '', /lb-two/);
    assert.equal(code, 0);
  });

  it('of ordinals that are drained and do not exist: scaled up again they would have no traffic', async () => {
    const rehearsal = rehearse();
    await drain(rehearsal.world, { ...common, ordinals: [9] });
    rehearsal.kube.edit(STATEFUL_SETS, 'nginx', (object) => {
      Object.assign(object['spec'] as object, { replicas: 9 });
    });
    rehearsal.kube.remove(PODS, 'nginx-9');
    const { cure } = found((await checked(rehearsal)).findings, 'drained-exist', 'WARN') ?? {};
    assert.equal(String(cure), 'kubectl zeroloss restore nginx');
  });

  it('of a version of the service-controller that says nothing', async () => {
    const rehearsal = rehearse();
    rehearsal.kube.put(controllerConfig({ VERSION: 'latest' }));
    assert.match(found((await checked(rehearsal)).findings, 'controller-version', 'WARN')?.message ?? '', /"latest"/);
  });

  it('of programs that kubectl would run in its place', async () => {
    const strays = ['/usr/bin/kubectl-zeroloss-drain'];
    assert.match(found((await checked(rehearse(), { strays })).findings, 'path', 'WARN')?.message ?? '', /-drain/);
  });

  it('of a clock that is off, and does not of one that agrees', async () => {
    for (const [aheadMs, level] of [
      [-90_000, 'WARN'],
      [500, 'OK'],
    ] as const) {
      const rehearsal = rehearse();
      const kube = Object.assign(rehearsal.kube, { clockAheadMs: () => aheadMs });
      const { findings } = await checked({ ...rehearsal, world: { ...rehearsal.world, kube } });
      assert.ok(found(findings, 'clock', level));
    }
  });
});
