import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StatusError } from '../../../lib/core/errors.ts';
import { auditDeployment } from '../../../lib/flows/rollout/audit-deployment.ts';
import { PODS } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { statefulSet } from '../../builders.ts';
import { budget, controllerConfig, shows, wish } from '../check/cases.ts';
import { cloudDown } from '../rehearsal/rehearsal.ts';
import { audited, container, finding, web } from './stage.ts';

const scaler: KubeObject = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'web', namespace: 'default' },
  spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } },
};
const rolling = (maxSurge: number | string, maxUnavailable: number | string) => ({
  spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } } },
});

describe('the audit of a Deployment', () => {
  it('finds nothing but open connections to warn of where everything is as it should be', async () => {
    const rehearsal = web();
    rehearsal.source.counts.set('web-5d4f7c9b8-0', 7);
    const { details, exitCode, target } = await audited(rehearsal);
    const ofTarget = details.findings.filter(({ group }) => !/platform|permissions/.test(group));
    assert.deepEqual(
      ofTarget.filter(({ level }) => level !== 'OK').map(({ rule }) => rule),
      ['open-connections'],
    );
    assert.equal(exitCode, 0);
    assert.equal(details.kind, 'deployment');
    assert.equal(target.name, 'web');
  });

  it('writes nothing and deletes nothing', async () => {
    const rehearsal = web();
    await audited(rehearsal);
    const verbs = new Set(rehearsal.kube.calls.map(({ verb, resource }) => `${verb} ${resource}`));
    assert.deepEqual(
      [...verbs].filter((each) => !/^(get|list) |^create selfsubjectaccessreviews$/.test(each)),
      [],
    );
  });

  it('works the arithmetic out: 10 replicas, 25 % each: at most 13, at least 8, 3 start while 2 stop', async () => {
    const { text } = await finding('rollout-strategy');
    assert.match(
      text,
      /^OK 10 replicas, maxSurge 25%, maxUnavailable 25%: at most 13, at least 8 serve; the first step may stop 2 while 3 start$/,
    );
    assert.match((await finding('rollout-strategy', rolling(1, 0))).text, /stops none until one of 1 new is available/);
    assert.match((await finding('rollout-strategy', rolling(0, 1))).text, /stops 1 before any starts/);
  });

  it('fails where nothing serves at some moment: one replica that may be missing, and Recreate', async () => {
    const { text, found } = await finding('rollout-strategy', { replicas: 1, ...rolling(1, 1) });
    assert.match(text, /^FAIL 1 replicas, .* at least 0 serve; .*a moment when nothing serves/);
    assert.match(String(found[0]?.cure), /patch deployment web .*"maxSurge":1,"maxUnavailable":0/);
    assert.match(
      (await finding('rollout-strategy', { spec: { strategy: { type: 'Recreate', rollingUpdate: null } } })).text,
      /^FAIL strategy Recreate: all 10 pods end before the first new one starts/,
    );
    const rehearsal = web({ replicas: 1, ...rolling(1, 1) });
    assert.equal((await audited(rehearsal)).exitCode, 4);
  });

  it('warns of a single replica, of none, and of a Deployment that is paused', async () => {
    assert.match((await finding('single-replica', { replicas: 1, ...rolling(1, 0) })).text, /^WARN .* has 1 replica/);
    assert.match((await finding('rollout-strategy', { replicas: 0 })).text, /^WARN .* has no replicas/);
    assert.match((await finding('rollout-paused', { spec: { paused: true } })).text, /^WARN .* is paused/);
  });

  it('warns of a container without readinessProbe or livenessProbe', async () => {
    const bare = {
      containers: [container(), { name: 'log', image: 'log:1', lifecycle: { preStop: { sleep: { seconds: 20 } } } }],
    };
    assert.match((await finding('readiness-probe', bare)).text, /^WARN container log has no readinessProbe/);
    assert.match((await finding('liveness-probe', bare)).text, /^WARN container log has no livenessProbe/);
  });

  it('warns where liveness asks what readiness asks and gives up as early, and not where it is slower', async () => {
    const { readinessProbe } = container();
    const alike = { containers: [container({ livenessProbe: { ...readinessProbe, initialDelaySeconds: 30 } })] };
    assert.match((await finding('probes-differ', alike)).text, /^WARN container web asks the same/);
    const slower = {
      containers: [container({ livenessProbe: { ...readinessProbe, failureThreshold: 6, initialDelaySeconds: 30 } })],
    };
    assert.match((await finding('probes-differ', slower)).text, /^OK/);
  });

  it('compares the patience of liveness with the time that the pods took to start', async () => {
    const eager = {
      containers: [container({ livenessProbe: { httpGet: { path: '/alive', port: 80 }, periodSeconds: 5 } })],
    };
    assert.match(
      (await finding('liveness-patience', eager)).text,
      /^WARN .* restarts it 10s after its start .* took 8s to get ready/,
    );
    assert.match((await finding('liveness-patience')).text, /^OK .* restarts it 40s after its start/);
    const held = { containers: [container({ startupProbe: { httpGet: { path: '/alive', port: 80 } } })] };
    assert.match((await finding('liveness-patience', held)).text, /^OK a startupProbe/);
    const { text } = await finding('liveness-patience', eager, ({ kube }) => {
      for (const { metadata } of kube.objects(PODS)) kube.remove(PODS, metadata.name);
    });
    assert.match(text, /^WARN .* unknown, no pod shows/);
  });

  it('compares minReadySeconds with the lag of the load balancer, unless every pod has a readiness gate', async () => {
    const hasty = { spec: { minReadySeconds: 0 } };
    assert.match((await finding('ready-pace', hasty)).text, /^OK .* 15s .* the readiness gate waits for it/);
    const { text, found } = await finding('ready-pace', hasty, ({ kube }) => {
      kube.edit(PODS, 'web-5d4f7c9b8-3', (object) => {
        object['spec'] = { ...(object['spec'] as object), readinessGates: [] };
      });
    });
    assert.match(text, /^WARN .* after 0s \(minReadySeconds\)/);
    assert.match(String(found[0]?.cure), /patch deployment web .*"minReadySeconds":15/);
  });

  it('judges preStop, lag and grace of each container', async () => {
    assert.match((await finding('termination')).text, /^OK preStop sleeps 20s/);
    const { text, found } = await finding('termination', {
      containers: [
        container({ lifecycle: { preStop: { sleep: { seconds: 1 } } } }),
        container({ name: 'proxy', lifecycle: {} }),
      ],
    });
    assert.match(
      text,
      /^WARN container web sleeps only 1s .*\nWARN container proxy has no preStop: when a rolling update/,
    );
    assert.match(String(found[1]?.cure), /of deployment\/web/);
  });

  it('says that a rolling update asks no budget, and warns where it leaves fewer than the budget asks for', async () => {
    const put = (desiredHealthy: number) => (rehearsal: ReturnType<typeof web>) => {
      const one = budget('web', 1);
      one['spec'] = { selector: { matchLabels: { app: 'web' } } };
      rehearsal.kube.put({ ...one, status: { desiredHealthy, disruptionsAllowed: 1 } });
    };
    assert.match(
      (await finding('rollout-budget', {}, put(9))).text,
      /^WARN poddisruptionbudget\/web asks for 9 .* does not ask .* at least 8/,
    );
    assert.match((await finding('rollout-budget', {}, put(8))).text, /^OK/);
    assert.match((await finding('rollout-budget')).text, /^OK no PodDisruptionBudget/);
  });

  it('names the autoscaler of the Deployment, and not one of another workload', async () => {
    const put = (object: KubeObject) => (rehearsal: ReturnType<typeof web>) => void rehearsal.kube.put(object);
    assert.match(
      (await finding('rollout-scaler', {}, put(scaler))).text,
      /^WARN horizontalpodautoscaler\/web owns the replicas of deployment\/web/,
    );
    const other = { ...scaler, spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web' } } };
    assert.match((await finding('rollout-scaler', {}, put(other))).text, /^OK/);
  });

  it('names grace deletion as the cure where it is off, and is content where it is on', async () => {
    assert.match((await finding('grace-deletion')).text, /^OK TKE's grace deletion is on/);
    const { text, found } = await finding('grace-deletion', {}, ({ kube }) => {
      kube.put(controllerConfig({ VERSION: 'v2.5.0' }));
    });
    assert.match(text, /^WARN TKE's grace deletion is off for service\/web/);
    assert.match(
      String(found[0]?.cure),
      /annotate service web service\.cloud\.tencent\.com\/enable-grace-deletion=true/,
    );
  });

  it('looks for VPC-CNI or super nodes, and for direct access', async () => {
    assert.match((await finding('pod-network')).text, /^OK the load balancer binds the pods/);
    const nodes = { service: { directAccess: false } };
    assert.match((await finding('pod-network', nodes)).text, /^OK .*tke-route-eni/);
    const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [container()] } };
    const plain = { ...nodes, spec: { template } };
    assert.match((await finding('pod-network', plain)).text, /^WARN .* no pod runs on a super node: unless/);
    const onSuper = await finding('pod-network', plain, ({ kube }) => {
      for (const { metadata } of kube.objects(PODS))
        kube.edit(PODS, metadata.name, (object) => {
          object['spec'] = { ...(object['spec'] as object), nodeName: 'eklet-subnet-1' };
        });
    });
    assert.match(onSuper.text, /^OK the pods run on super nodes/);
    assert.match((await finding('direct-access')).text, /^OK/);
    assert.match(
      (await finding('direct-access', { service: { directAccess: false } })).text,
      /^WARN service\/web binds nodes/,
    );
  });

  it('warns of a listener without health check, and of one that resets what it unbinds', async () => {
    const check = { on: false, intervalSeconds: 5, healthyThreshold: 3, unhealthyThreshold: 3 };
    assert.match(
      (await finding('health-check', {}, shows({ healthCheck: check }))).text,
      /^WARN .* has no health check/,
    );
    assert.match(
      (await finding('reset-on-unbind', {}, shows({ resetsOnUnbind: true }))).text,
      /^WARN .* unbinds each pod as it ends/,
    );
  });

  it('counts the connections that are open now, and says after how long they would be cut', async () => {
    const open = await finding('open-connections', {}, ({ source }) => {
      source.counts.set('web-5d4f7c9b8-0', 7).set('web-5d4f7c9b8-1', 5).set('web-5d4f7c9b8-2', null);
    });
    assert.match(
      open.text,
      /^WARN about 13 connections are open now \(counted on 9 of 10 pods\); .* cut what is open after 60s .* or after 20s where the program ends at SIGTERM$/,
    );
    assert.match((await finding('open-connections')).text, /^OK no connection is open now/);
    const blind = await finding('open-connections', {}, ({ source }) => {
      source.countable = false;
    });
    assert.match(blind.text, /^WARN .* unknown: no source can count here \(fake: cannot count here\)/);
  });

  it('counts some pods of many, and takes them for all', async () => {
    const { text } = await finding('open-connections', { replicas: 40 }, ({ source }) => {
      for (let index = 0; index < 40; index++) source.counts.set(`web-5d4f7c9b8-${index}`, 2);
    });
    assert.match(text, /^WARN about 80 connections are open now \(counted on 20 of 40 pods\)/);
  });

  it('takes what it may not read for unknown, and its exit code stays 0', async () => {
    for (const [resource, rule] of [
      ['poddisruptionbudgets', 'rollout-budget'],
      ['horizontalpodautoscalers', 'rollout-scaler'],
      ['pods', 'not-checked'],
      ['services', 'not-checked'],
    ] as const) {
      const rehearsal = web();
      rehearsal.kube.failNext({ verb: 'list', resource }, new StatusError(403, 'Forbidden', 'no'), 9);
      const { details, exitCode } = await audited(rehearsal);
      const found = details.findings.find((each) => each.rule === rule);
      assert.match(`${found?.level} ${found?.message}`, /^WARN .*unknown/, resource);
      assert.equal(exitCode, 0);
    }
    const rehearsal = web();
    rehearsal.balancer.failure = cloudDown;
    const { details, exitCode } = await audited(rehearsal);
    assert.ok(details.findings.some(({ rule, level }) => rule === 'balancer-readable' && level === 'WARN'));
    assert.equal(exitCode, 0);
  });

  it('ends with an error where there is no such Deployment, and says what to type where a StatefulSet is called so', async () => {
    const rehearsal = web();
    rehearsal.kube.failNext({ verb: 'get', resource: 'deployments' }, new StatusError(404, 'NotFound', 'no'));
    await assert.rejects(audited(rehearsal), (error: unknown) => {
      assert.ok(error instanceof StatusError);
      return /^kubectl get deployments /.test(String(error.advice));
    });
    rehearsal.kube.put(statefulSet({ name: 'db' }));
    await assert.rejects(auditDeployment(rehearsal.world, { ...wish, name: 'db' }), (error: unknown) => {
      assert.ok(error instanceof StatusError);
      return /^kubectl zeroloss check db .*is a StatefulSet/.test(String(error.advice));
    });
  });
});
