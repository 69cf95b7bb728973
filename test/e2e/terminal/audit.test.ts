/** check deployment/NAME on a cluster whose API server and controllers are Kubernetes' own, or the sandbox's. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { CheckDetails } from '../../../lib/core/check/findings.ts';
import { DEPLOYMENTS, PODS, SERVICES } from '../../../lib/ports/resources.ts';
import { isReady } from '../../../sandbox/start/await-ready.ts';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import { openStage } from '../stage/stage.ts';

let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

const labels = { app: 'web' };
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas: 4,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels, annotations: { 'tke.cloud.tencent.com/networks': 'tke-route-eni' } },
      spec: {
        terminationGracePeriodSeconds: 60,
        containers: [
          {
            name: 'web',
            image: 'nginx:1.25.3',
            ports: [{ containerPort: 80 }],
            readinessProbe: { httpGet: { path: '/', port: 80 }, periodSeconds: 1 },
            lifecycle: { preStop: { exec: { command: ['/bin/bash', '-c', 'sleep 20'] } } },
          },
          { name: 'proxy', image: 'proxy:1' },
        ],
      },
    },
  },
};
const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', annotations: { 'service.cloud.tencent.com/direct-access': 'true' } },
  spec: { type: 'LoadBalancer', selector: labels, ports: [{ port: 80, targetPort: 80 }] },
};

test('a Deployment is audited with its own figures, nothing is written, and every other verb names the audit', async (t) => {
  const stage = await openStage(t, cluster, { replicas: 2 });
  const { namespace } = stage;
  await cluster.kube.create(SERVICES, service, { namespace });
  await cluster.kube.create(DEPLOYMENTS, deployment, { namespace });
  await stage.until('four pods are ready', async () => {
    const { items } = await cluster.kube.list(PODS, { namespace, labelSelector: 'app=web' });
    return items.length === 4 && items.every(isReady);
  });
  const versions = async () =>
    Promise.all(
      [DEPLOYMENTS, SERVICES].map(
        async (type) => (await cluster.kube.get(type, 'web', { namespace })).metadata.generation ?? 0,
      ),
    );
  const before = await versions();

  const ran = await stage.run(['check', 'deployment/web', '-o', 'json']);
  assert.equal(ran.code, 0, ran.stderr);
  const { findings } = (JSON.parse(ran.stdout) as { details: CheckDetails }).details;
  const told = (rule: string) =>
    findings
      .filter((each) => each.rule === rule)
      .map(({ level, message }) => `${level} ${message}`)
      .join('\n');
  assert.match(
    told('rollout-strategy'),
    /^OK 4 replicas, maxSurge 25%, maxUnavailable 25%: at most 5, at least 3 serve; the first step may stop 1 while 1 start$/,
  );
  assert.match(told('termination'), /^WARN container proxy has no preStop: when a rolling update ends a pod/);
  assert.match(told('readiness-probe'), /^WARN container proxy has no readinessProbe/);
  assert.match(told('pod-network'), /^OK the load balancer binds the pods by their own address/);
  assert.match(told('service-found'), /^OK service\/web leads to the pods/);
  assert.match(told('direct-access'), /^OK/);
  assert.match(told('pods-ready'), /^OK/);
  assert.deepEqual(await versions(), before);

  const plain = await stage.run(['check', 'web']);
  assert.equal(plain.code, 1);
  assert.match(plain.stderr, /"web" is a Deployment; .*kubectl zeroloss check deployment\/web/);
  const drained = await stage.run(['drain', 'deployment/web', '0']);
  assert.equal(drained.code, 2);
  assert.match(drained.stderr, /kubectl zeroloss check deployment\/web/);

  const recreate = { spec: { strategy: { type: 'Recreate', rollingUpdate: null } } };
  await cluster.kube.patch(DEPLOYMENTS, 'web', recreate, { namespace, type: 'merge' });
  const both = await stage.run(['check', 'deployment/web', 'nginx']);
  assert.equal(both.code, 4);
  assert.match(both.stdout, /FAIL {2}rollout-strategy: strategy Recreate: all 4 pods end before/);
  assert.match(both.stdout, /^statefulset\/nginx +0 /m);
});
