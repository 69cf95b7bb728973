/** An answer of the cloud of any shape is read, or refused as a CloudError; nothing else is ever thrown. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { joinListener } from '../../lib/clb/balancer/join-listener.ts';
import { parseBalancer, vpcIdOf } from '../../lib/clb/balancer/parse-balancer.ts';
import { parseHealth } from '../../lib/clb/balancer/parse-health.ts';
import { parseListeners } from '../../lib/clb/balancer/parse-listener.ts';
import { parseTargets } from '../../lib/clb/balancer/parse-targets.ts';
import { parseBindings } from '../../lib/clb/balancer/read-bindings.ts';
import { temporaryCredential } from '../../lib/clb/credentials/assume-role.ts';
import { CloudError } from '../../lib/core/errors.ts';
import { parseMetric } from '../../lib/sources/clb-monitor/base-metrics.ts';
import { mutated } from '../fakes/mutate.ts';
import { BALANCER, balancer, balancers, rule, tcpListener } from './answers.ts';

type Json = Record<string, unknown>;

const asked = { id: BALANCER, region: 'ap-guangzhou', regionFrom: '--region' };
const http = { ...tcpListener(), ListenerId: 'lbl-http', Protocol: 'HTTP', Port: 8080, Rules: [rule('loc-1')] };
const target = { Type: 'CVM', PrivateIpAddresses: ['10.0.0.1'], Port: 80, Weight: 10 };
const listeners: Json = { TotalCount: 2, Listeners: [tcpListener(), http] };
const targets: Json = {
  Listeners: [
    { ListenerId: 'lbl-tcp', Protocol: 'TCP', Port: 80, Targets: [target], Rules: null },
    {
      ListenerId: 'lbl-http',
      Protocol: 'HTTP',
      Port: 8080,
      Targets: null,
      Rules: [{ LocationId: 'loc-1', Targets: [target] }],
    },
  ],
};
const seen = { IP: '10.0.0.1', Port: 80, HealthStatus: true, HealthStatusDetail: 'Alive', Weight: 10 };
const health: Json = {
  LoadBalancers: [
    {
      LoadBalancerId: BALANCER,
      Listeners: [
        { ListenerId: 'lbl-tcp', Protocol: 'TCP', Port: 80, Rules: [{ LocationId: '', Targets: [seen] }] },
        { ListenerId: 'lbl-http', Protocol: 'HTTP', Port: 8080, Rules: [{ LocationId: 'loc-1', Targets: [seen] }] },
      ],
    },
  ],
};
const bindings: Json = {
  LoadBalancers: [
    {
      LoadBalancerId: 'lb-other',
      Listeners: [
        {
          ...{ ListenerId: 'lbl-1', Protocol: 'TCP', Port: 80, Rules: null },
          Targets: [{ PrivateIp: '10.0.0.1', Port: 80, Weight: 10 }],
        },
      ],
    },
  ],
};
const metrics: Json = {
  MetricSet: [
    {
      ...{ Namespace: 'QCE/LB_PUBLIC', MetricName: 'ConNum', Period: [60, 300] },
      Periods: [{ Period: '60', StatType: ['max'] }],
      Dimensions: [{ Dimensions: ['vip'] }, { Dimensions: ['vip', 'loadBalancerPort', 'lanIp'] }],
    },
  ],
};
const role: Json = { Credentials: { TmpSecretId: 'id', TmpSecretKey: 'key', Token: 't' }, ExpiredTime: 1 };

/** The whole look: the three answers are joined as they are for one observation. */
function join(listenersAnswer: Json, targetsAnswer: Json, healthAnswer: Json): void {
  const settings = parseListeners(listenersAnswer, BALANCER);
  const byListener = parseTargets(targetsAnswer, settings, BALANCER);
  const view = parseHealth(healthAnswer, BALANCER);
  for (const listener of settings) joinListener(listener, byListener.get(listener.state.id), view);
}

for (const [name, good, read] of [
  [
    'DescribeLoadBalancers',
    balancers(balancer()),
    (answer: Json) => [parseBalancer(answer, asked), vpcIdOf(answer, asked)],
  ],
  ['DescribeListeners', listeners, (answer: Json) => join(answer, targets, health)],
  ['DescribeTargets', targets, (answer: Json) => join(listeners, answer, health)],
  ['DescribeTargetHealth', health, (answer: Json) => join(listeners, targets, answer)],
  ['DescribeLBListeners', bindings, (answer: Json) => parseBindings(answer, ['10.0.0.1'])],
  ['DescribeBaseMetrics', metrics, (answer: Json) => parseMetric(answer, 'QCE/LB_PUBLIC', 'ConNum')],
  ['AssumeRole', role, (answer: Json) => temporaryCredential(answer, 'AssumeRole')],
] as const satisfies readonly (readonly [string, Json, (answer: Json) => unknown])[]) {
  test(`law: an answer of ${name} with anything in any place is read or refused in words`, () => {
    read(good);
    for (const empty of [{}, { RequestId: 'r' }]) refusesInWords(() => read(empty));
    fc.assert(
      fc.property(mutated(good), (answer) => refusesInWords(() => read(answer))),
      { numRuns: 500 },
    );
  });
}

function refusesInWords(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    assert.ok(error instanceof CloudError, String(error instanceof Error ? error.stack : error));
    assert.doesNotMatch(error.message, /undefined|\[object/);
  }
}
