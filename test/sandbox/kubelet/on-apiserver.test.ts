/** The same kubelet as in production of the sandbox: over HTTPS, against the sandbox's own API server. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { field, text } from '../../../lib/core/values/read.ts';
import { connectKube } from '../../../lib/kube/connect-kube.ts';
import { PODS } from '../../../lib/ports/resources.ts';
import type { Kube, KubeObject } from '../../../lib/ports.ts';
import { issueKubeletCertificate } from '../../../sandbox/apiserver/pki/kubelet-certificate.ts';
import { startApiServer } from '../../../sandbox/apiserver/start-apiserver.ts';
import { startKubelet } from '../../../sandbox/kubelet/start-kubelet.ts';
import { addressOf, conditionOf, dial, isReady, podObject } from './harness.ts';

async function startCluster(t: TestContext): Promise<{ kube: Kube; lines: string[] }> {
  const stateDir = await mkdtemp(join(tmpdir(), 'kubelet-'));
  t.after(() => rm(stateDir, { recursive: true }));
  const server = await startApiServer({ stateDir });
  t.after(() => server.stop());
  const kube = await connectKube({ flags: { kubeconfig: server.kubeconfigFile }, env: {} });
  t.after(() => kube.close());
  const lines: string[] = [];
  const certificate = await issueKubeletCertificate(stateDir);
  const kubelet = await startKubelet(kube, { certificate, log: (line) => lines.push(line) });
  t.after(() => kubelet.stop());
  return { kube, lines };
}

async function untilPod(kube: Kube, name: string, wanted: (pod: KubeObject) => boolean): Promise<KubeObject> {
  for (;;) {
    const { items } = await kube.list(PODS);
    const pod = items.find((each) => each.metadata.name === name);
    if (pod !== undefined && wanted(pod)) return pod;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const GATE = 'cloud.tencent.com/load-balancer-backendgroup-ready';

test('on the API server of the sandbox a pod is bound, run, gated, looked into, and deleted after its last connection', async (t) => {
  const { kube, lines } = await startCluster(t);
  const { status: _status, ...wanted } = podObject({
    annotations: { 'sandbox.kubectl-zeroloss/on-terminate': 'graceful' },
    spec: { nodeName: undefined, readinessGates: [{ conditionType: GATE }] },
  });
  await kube.create(PODS, wanted);
  const waiting = await untilPod(
    kube,
    'nginx-0',
    (pod) => text(conditionOf(pod, 'Ready'), 'reason') === 'ReadinessGatesNotReady',
  );
  const gate = { status: { conditions: [{ type: GATE, status: 'True' }] } };
  await kube.patch(PODS, 'nginx-0', gate, { type: 'strategic', subresource: 'status' });
  const pod = await untilPod(kube, 'nginx-0', isReady);
  assert.equal(text(conditionOf(pod, GATE), 'status'), 'True');
  assert.equal(addressOf(pod), addressOf(waiting));

  const client = await dial(t, addressOf(pod));
  client.send('/stream?ms=500');
  const sockets = await kube.exec('nginx-0', 'nginx', ['cat', '/proc/net/tcp']);
  const port = client.localPort.toString(16).toUpperCase().padStart(4, '0');
  assert.match(sockets.stdout, new RegExp(`:1F90 0100007F:${port} 01 `));
  assert.equal((await kube.exec('nginx-0', 'nginx', ['sh', '-c', 'ss'])).exitCode, 127);
  const metrics = await kube.getText('/api/v1/namespaces/default/pods/nginx-0:8080/proxy/metrics');
  assert.match(metrics, /sandbox_open_connections\{port="8080"\} 1\n/);

  await kube.delete(PODS, 'nginx-0', { uid: pod.metadata.uid });
  const leaving = await kube.get(PODS, 'nginx-0');
  assert.notEqual(leaving.metadata.deletionTimestamp, undefined);
  assert.equal(await client.ended, 'end');
  assert.match(client.received(), /\r\n0\r\n\r\n$/);
  while ((await kube.list(PODS)).items.length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.deepEqual(lines, []);
});

test('on the API server of the sandbox a new image in place restarts the container with the same address', async (t) => {
  const { kube } = await startCluster(t);
  const { status: _status, ...wanted } = podObject();
  await kube.create(PODS, wanted);
  const before = await untilPod(kube, 'nginx-0', isReady);
  const patch = { spec: { containers: [{ name: 'nginx', image: 'nginx:1.25.4' }] } };
  await kube.patch(PODS, 'nginx-0', patch, { type: 'strategic' });
  const after = await untilPod(
    kube,
    'nginx-0',
    (pod) => field(pod, 'status', 'containerStatuses', 0, 'restartCount') === 1 && isReady(pod),
  );
  assert.equal(addressOf(after), addressOf(before));
});
