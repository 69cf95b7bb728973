import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionError } from '../../../lib/core/errors.ts';
import { field, list, number, text } from '../../../lib/core/values/read.ts';
import { EVENTS, NODES, PODS } from '../../../lib/ports/resources.ts';
import { HOST_PORTS_ANNOTATION } from '../../../sandbox/common/pod-behaviour.ts';
import {
  addressOf,
  conditionOf,
  containerOf,
  dial,
  get,
  isReady,
  podObject,
  podOf,
  startRig,
  until,
  untilReady,
} from './harness.ts';

const GATE = 'cloud.tencent.com/load-balancer-backendgroup-ready';

test('the kubelet registers a Ready node of the guide region that says where its endpoint is', async (t) => {
  const { kube, kubelet } = await startRig(t);
  const node = kube.object(NODES, 'sandbox-node', '');
  assert.equal(text(conditionOf(node, 'Ready'), 'status'), 'True');
  assert.equal(field(node, 'status', 'daemonEndpoints', 'kubeletEndpoint', 'Port'), kubelet.port);
  assert.equal(node?.metadata.labels?.['topology.kubernetes.io/region'], 'gz');
  assert.equal(node?.metadata.labels?.['topology.com.tencent.cloud.csi.cbs/zone'], 'ap-guangzhou-3');
});

test('a pod without a node is bound, unless a scheduling gate holds it', async (t) => {
  const free = podObject({ name: 'free', spec: { nodeName: undefined } });
  const gated = podObject({ name: 'gated', spec: { nodeName: undefined, schedulingGates: [{ name: 'wait' }] } });
  const { kube } = await startRig(t, [gated, free]);
  await untilReady(kube, 'free');
  assert.equal(text(podOf(kube, 'free'), 'spec', 'nodeName'), 'sandbox-node');
  assert.equal(text(podOf(kube, 'gated'), 'spec', 'nodeName'), undefined);
});

test('a pod of another node is left alone', async (t) => {
  const { kube } = await startRig(t, [podObject({ spec: { nodeName: 'elsewhere' } }), podObject({ name: 'mine' })]);
  await untilReady(kube, 'mine');
  assert.equal(text(podOf(kube), 'status', 'podIP'), undefined);
});

test('a running pod has the status that a real kubelet writes', async (t) => {
  const { kube } = await startRig(t, [podObject()]);
  const pod = await untilReady(kube);
  const conditions = Object.fromEntries(
    list(pod, 'status', 'conditions').map((each) => [text(each, 'type'), text(each, 'status')]),
  );
  assert.deepEqual(conditions, {
    PodReadyToStartContainers: 'True',
    Initialized: 'True',
    Ready: 'True',
    ContainersReady: 'True',
    PodScheduled: 'True',
  });
  const address = addressOf(pod);
  assert.match(address, /^127\.77\.\d+\.\d+$/);
  const status = pod['status'];
  assert.deepEqual(field(status, 'podIPs'), [{ ip: address }]);
  assert.deepEqual(
    [text(status, 'hostIP'), text(status, 'qosClass'), text(status, 'phase')],
    ['127.0.0.1', 'BestEffort', 'Running'],
  );
  const container = containerOf(pod);
  assert.equal(text(container, 'image'), 'docker.io/library/nginx:1.25.3');
  assert.match(text(container, 'imageID') ?? '', /^docker\.io\/library\/nginx@sha256:[0-9a-f]{64}$/);
  assert.match(text(container, 'containerID') ?? '', /^containerd:\/\/[0-9a-f]{64}$/);
  assert.match(text(container, 'state', 'running', 'startedAt') ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.deepEqual(
    [field(container, 'ready'), field(container, 'started'), number(container, 'restartCount')],
    [true, true, 0],
  );
});

test('a pod answers on its own address and says who it is, and keeps the connection when asked to', async (t) => {
  const { kube, kubelet } = await startRig(t, [podObject()]);
  const address = addressOf(await untilReady(kube));
  const client = await dial(t, address);
  client.send('/');
  await until(() => client.received().includes('nginx-0 nginx:1.25.3\n'));
  assert.match(client.received(), /x-pod: nginx-0\r\nx-image: nginx:1\.25\.3\r\nx-revision: nginx-5d4f\r\n/);
  client.send('/metrics');
  await until(() => client.received().includes('sandbox_open_connections{port="8080"} 0'));
  const second = await dial(t, address);
  client.send('/metrics');
  await until(() => client.received().includes('sandbox_open_connections{port="8080"} 1'));
  assert.equal(kubelet.openConnections('default/nginx-0'), 2);
  second.socket.destroy();
  await until(() => kubelet.openConnections('default/nginx-0') === 1);
  assert.equal(kubelet.openConnections('default/nobody'), 0);
  assert.match(await get(t, address, '/healthz'), /^HTTP\/1\.1 200 .*connection: close\r\n\r\nok\n$/s);
});

test('a stream sends as long as it was asked to and ends properly; a senseless length is 400', async (t) => {
  const { kube } = await startRig(t, [podObject()]);
  const address = addressOf(await untilReady(kube));
  assert.match(await get(t, address, '/stream?ms=250'), /chunked\r\n.*\r\n7\r\ntick 1\n\r\n.*tick 3\n\r\n0\r\n\r\n$/s);
  assert.match(await get(t, address, '/stream?ms=-1'), /^HTTP\/1\.1 400 /);
});

test('requests sent in one go are answered in order', async (t) => {
  const { kube } = await startRig(t, [podObject()]);
  const client = await dial(t, addressOf(await untilReady(kube)));
  client.socket.write('GET /stream?ms=100 HTTP/1.1\r\n\r\nGET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n');
  assert.equal(await client.ended, 'end');
  assert.match(client.received(), /tick 1\n\r\n0\r\n\r\nHTTP\/1\.1 200 OK.*ok\n$/s);
});

test('a pod with a readiness gate is Ready only while the condition of another writer is True', async (t) => {
  const { kube } = await startRig(t, [podObject({ spec: { readinessGates: [{ conditionType: GATE }] } })]);
  const reason = () => text(conditionOf(podOf(kube), 'Ready'), 'reason');
  await until(() => reason() === 'ReadinessGatesNotReady');
  assert.equal(text(conditionOf(podOf(kube), 'ContainersReady'), 'status'), 'True');
  assert.match(text(conditionOf(podOf(kube), 'Ready'), 'message') ?? '', /does not exist/);
  const setGate = (status: string) =>
    kube.patch(
      PODS,
      'nginx-0',
      { status: { conditions: [{ type: GATE, status }] } },
      { type: 'strategic', subresource: 'status' },
    );
  await setGate('True');
  await untilReady(kube);
  assert.equal(text(conditionOf(podOf(kube), GATE), 'status'), 'True');
  await setGate('False');
  await until(() => reason() === 'ReadinessGatesNotReady');
});

test('the readiness probe decides: a port that nothing serves keeps the pod unready, with an event that says why', async (t) => {
  const probe = (port: number | string, more = {}) => ({
    container: { readinessProbe: { httpGet: { path: '/readyz', port }, periodSeconds: 0.02, ...more } },
  });
  const { kube } = await startRig(t, [
    podObject(probe('http')),
    podObject({ name: 'wrong-port', ...probe(8081, { failureThreshold: 1 }) }),
    podObject({ name: 'unknown-port', ...probe('nope') }),
  ]);
  await untilReady(kube);
  const unhealthy = () => kube.objects(EVENTS).filter((event) => text(event, 'reason') === 'Unhealthy');
  const of = (name: string) => unhealthy().find((event) => text(event, 'involvedObject', 'name') === name);
  assert.match(
    text(await until(() => of('wrong-port')), 'message') ?? '',
    /Readiness probe failed: connect ECONNREFUSED/,
  );
  await until(() => of('unknown-port'));
  assert.equal(isReady(podOf(kube, 'wrong-port')), false);
});

test('a TCP probe is content with a connection', async (t) => {
  const { kube } = await startRig(t, [
    podObject({ container: { readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 0.02 } } }),
  ]);
  await untilReady(kube);
});

test('two pods do not share an address, and neither do two incarnations', async (t) => {
  const { kube } = await startRig(t, [podObject(), podObject({ name: 'nginx-1' })]);
  const first = await untilReady(kube);
  const addresses = new Set([addressOf(first), addressOf(await untilReady(kube, 'nginx-1'))]);
  kube.remove(PODS, 'nginx-0');
  kube.put(podObject());
  addresses.add(addressOf(await untilReady(kube)));
  assert.equal(addresses.size, 3);
});

test('an annotation of host ports that is no longer true is taken away', async (t) => {
  const { kube } = await startRig(t, [
    podObject({ annotations: { [HOST_PORTS_ANNOTATION]: '{"8080":"127.0.0.1:9"}' } }),
  ]);
  const pod = await untilReady(kube);
  assert.equal(pod.metadata.annotations?.[HOST_PORTS_ANNOTATION], undefined);
});

test('an image changed in place restarts the container', async (t) => {
  const { kube } = await startRig(t, [podObject()]);
  const address = addressOf(await untilReady(kube));
  const patch = { spec: { containers: [{ name: 'nginx', image: 'nginx:1.25.4', ports: [{ containerPort: 8080 }] }] } };
  await kube.patch(PODS, 'nginx-0', patch, { type: 'merge' });
  await until(() => number(containerOf(podOf(kube)), 'restartCount') === 1 && isReady(podOf(kube)));
  const container = containerOf(podOf(kube));
  assert.equal(text(container, 'image'), 'docker.io/library/nginx:1.25.4');
  assert.equal(number(container, 'lastState', 'terminated', 'exitCode'), 143);
  assert.match(await get(t, address, '/'), /x-image: nginx:1\.25\.4/);
});

test('every status carries the uid of its pod, so that a namesake is never written to', async (t) => {
  const { kube } = await startRig(t, [podObject()]);
  const { uid } = (await untilReady(kube)).metadata;
  const written = kube.calls.filter((call) => call.resource === 'pods' && call.subresource === 'status');
  assert.ok(written.length > 0);
  for (const { body } of written) assert.equal(text(body, 'metadata', 'uid'), uid);
});

test('a status that could not be written is written later', async (t) => {
  const { kube, lines } = await startRig(t);
  kube.failNext({ verb: 'patch', resource: 'pods', subresource: 'status' }, new ConnectionError('no route'), 2);
  kube.put(podObject());
  await untilReady(kube);
  assert.ok(lines.some((line) => line.includes('status of default/nginx-0: will try again in 200 ms: no route')));
});

test('after a restart of the kubelet a pod comes back, restarted', async (t) => {
  const { kube, kubelet, authority } = await startRig(t, [podObject()]);
  await untilReady(kube);
  await kubelet.stop();
  const { startKubelet } = await import('../../../sandbox/kubelet/start-kubelet.ts');
  const certificate = { ...(await authority.issueServer('kubelet', ['127.0.0.1'])), ca: authority.certificate };
  const again = await startKubelet(kube, { certificate });
  t.after(() => again.stop());
  await until(() => number(containerOf(podOf(kube)), 'restartCount') === 1 && isReady(podOf(kube)));
  const pod = podOf(kube);
  assert.deepEqual(field(pod, 'status', 'podIPs'), [{ ip: text(pod, 'status', 'podIP') }]);
});
