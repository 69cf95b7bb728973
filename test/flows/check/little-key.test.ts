/** A key that may read little: what it cannot ask is a warning that names it, and every other answer stays. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Finding } from '../../../lib/core/check/findings.ts';
import { CloudError, ConnectionError, StatusError } from '../../../lib/core/errors.ts';
import type { KubeObject, TriedAction } from '../../../lib/ports.ts';
import { type Rehearsal, rehearse } from '../rehearsal/rehearsal.ts';
import { budget, checked, controllerConfig, foreign, found, shows } from './cases.ts';

const autoscaler: KubeObject = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'nginx', namespace: 'default' },
  spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'nginx' } },
};

const ingress: KubeObject = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'web', namespace: 'default' },
  spec: { defaultBackend: { service: { name: 'nginx', port: { number: 80 } } } },
};

const WORLDS: readonly (readonly [name: string, arrange: (rehearsal: Rehearsal) => unknown])[] = [
  ['all is well', () => undefined],
  ['an autoscaler owns the replicas', ({ kube }) => kube.put(autoscaler)],
  ['an Ingress leads to the pods', ({ kube }) => kube.put(ingress)],
  ['two budgets select the pods', ({ kube }) => [kube.put(budget('a', 0)), kube.put(budget('b', 1))]],
  ['the controller has settings', ({ kube }) => kube.put(controllerConfig({ VERSION: 'v2.3.0' }))],
  ['another load balancer binds a pod', ({ balancer }) => balancer.foreign.push(foreign())],
  ['a listener reschedules', shows({ flags: ['RescheduleTargetZeroWeight'] })],
];

/** The permissions that may be denied in the cluster, as verb and resource, and in the cloud. */
const DENIED: Readonly<Record<string, (rehearsal: Rehearsal) => void>> = {
  ...Object.fromEntries(
    [
      ['list', 'services'],
      ['list', 'ingresses'],
      ['list', 'horizontalpodautoscalers'],
      ['list', 'poddisruptionbudgets'],
      ['get', 'configmaps'],
      ['create', 'selfsubjectaccessreviews'],
    ].map(([verb, resource]) => [
      `${verb} ${resource}`,
      ({ kube }: Rehearsal) =>
        kube.failNext({ verb, resource } as never, new StatusError(403, 'Forbidden', `${resource} is forbidden`), 99),
    ]),
  ),
  'clb:DescribeLBListeners': ({ balancer }) => {
    balancer.bindingsOf = async () => {
      throw new CloudError('UnauthorizedOperation', 'DescribeLBListeners is forbidden');
    };
  },
};

/** Of the permissions themselves the answer differs, of course. */
const ofPermissions = ({ group }: Finding): boolean => group.endsWith('permissions');
const keyOf = ({ rule, level, message, cure }: Finding) => JSON.stringify({ rule, level, message, cure });

describe('check by a key that may read little', () => {
  for (const [name, arrange] of WORLDS) {
    for (const [denied, deny] of Object.entries(DENIED)) {
      it(`where ${name}: without ${denied} each answer is the same, or a warning that says what was not asked`, async () => {
        const rich = rehearse();
        arrange(rich);
        const poor = rehearse();
        arrange(poor);
        deny(poor);
        const wish = { services: ['nginx'] };
        const all = (await checked(rich, wish)).findings.filter((each) => !ofPermissions(each));
        const few = (await checked(poor, wish)).findings.filter((each) => !ofPermissions(each));
        const same = new Set(all.map(keyOf));
        for (const finding of few.filter((each) => !same.has(keyOf(each)))) {
          assert.equal(finding.level, 'WARN', keyOf(finding));
          assert.match(finding.message, /forbidden/, keyOf(finding));
        }
        const rules = new Set(few.map(({ rule }) => rule));
        for (const { rule } of all) assert.ok(rules.has(rule), `${rule} is answered by the one, and not by the other`);
      });
    }
  }

  it('where Services may not be listed and none is named, the StatefulSet, its pods and their owners are answered all the same', async () => {
    const rich = rehearse();
    const poor = rehearse();
    for (const { kube } of [rich, poor]) kube.put(autoscaler);
    DENIED['list services']?.(poor);
    const ofSet = ({ group, rule }: Finding) =>
      ['workload', 'pods', 'other owners'].includes(group) && rule !== 'weight-owner';
    // These two rest on the pace of the load balancer, which is taken to be the default where it is not known.
    const restsOnPace = ({ rule }: Finding) => rule === 'termination' || rule === 'ready-pace';
    const answerOf = (each: Finding) => (restsOnPace(each) ? `${each.rule} ${each.level}` : keyOf(each));
    const all = (await checked(rich)).findings.filter(ofSet).map(answerOf);
    const { findings } = await checked(poor);
    const few = new Set(findings.map(answerOf));
    for (const key of all) assert.ok(few.has(key), key);
    const skipped = findings.find(({ rule }) => rule === 'not-checked');
    assert.equal(skipped?.level, 'WARN');
    assert.match(
      skipped?.message ?? '',
      /^the Services of statefulset\/nginx were not checked: .*services is forbidden/,
    );
  });
});

it('without any cloud key check says that there is none, where it was looked for once, and that nothing was counted', async () => {
  const rehearsal = rehearse();
  const because = 'no credentials for the cloud were found; looked in: environment (nothing set)';
  rehearsal.balancer.failure = new ConnectionError(because);
  const tried: TriedAction = { action: 'clb:DescribeTargets', allowed: false, because, refused: 'absent' };
  Object.assign(rehearsal.balancer, { tryActions: async () => [tried] });
  const { findings, code } = await checked(rehearsal);
  const shown = ({ level, rule, message }: Finding) => `${level} ${rule}: ${message}`;
  assert.deepEqual(
    findings
      .filter(
        ({ group, level }) => ['load balancer', 'counting', 'cloud permissions'].includes(group) && level !== 'OK',
      )
      .map(shown),
    [
      'FAIL balancer-readable: the load balancers cannot be read, and drain and recreate need what they show: there is no cloud key (see cloud permissions)',
      'WARN not-checked: whether connections can be counted is unknown: the load balancers cannot be read',
      `FAIL cloud-access: there is no cloud key: ${because}`,
    ],
  );
  assert.equal(findings.filter(({ message }) => message.includes('looked in')).length, 1);
  assert.match(String(found(findings, 'cloud-access', 'FAIL')?.cure), /^export TENCENTCLOUD_SECRET_ID/);
  assert.equal(code, 4);
});
