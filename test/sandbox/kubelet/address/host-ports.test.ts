import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { PODS } from '../../../../lib/ports/resources.ts';
import { HOST_PORTS_ANNOTATION } from '../../../../sandbox/common/pod-behaviour.ts';
import { HostPorts } from '../../../../sandbox/kubelet/address/host-ports.ts';
import type { PodHost } from '../../../../sandbox/kubelet/container/pod-host.ts';
import { Container } from '../../../../sandbox/kubelet/container/run-container.ts';
import { planPod } from '../../../../sandbox/kubelet/pod/pod-plan.ts';
import { openPodServer } from '../../../../sandbox/kubelet/server/pod-server.ts';
import { FakeKube } from '../../../fakes/api/kube.ts';
import { dial, podObject, until } from '../harness.ts';

/** An address of no interface (RFC 5737) stands for a system that has 127.0.0.1 only. */
const NOWHERE = '192.0.2.1';

test('a port that cannot be had on the pod address is served on 127.0.0.1, and shown as if it were on the address', async (t) => {
  const identity = { pod: 'p', image: 'i', revision: '' };
  const server = await openPodServer({ address: NOWHERE, ports: [8080], identity, ready: () => true, log: () => {} });
  t.after(() => server.kill());
  const [host = '', port] = server.hostPorts['8080']?.split(':') ?? [];
  assert.equal(host, '127.0.0.1');
  const client = await dial(t, host, Number(port));
  await until(() => server.connections(8080) === 1);
  const row = server.sockets().find((each) => each.remotePort === client.localPort);
  assert.deepEqual([row?.localAddress, row?.localPort, row?.remoteAddress], [NOWHERE, 8080, '127.0.0.1']);
});

async function startContainer(t: TestContext, story: string[]): Promise<void> {
  const [plan] = planPod(podObject(), () => {}).containers;
  assert.ok(plan);
  const kill = new AbortController();
  const host: PodHost = {
    name: 'nginx-0',
    revision: '',
    address: NOWHERE,
    readyAfterMs: 0,
    listenAfterMs: undefined,
    onTerminate: 'ungraceful',
    graceMs: 0,
    restarts: true,
    now: Date.now,
    sleep: async () => {},
    changed: () => story.push(container.ready ? 'ready' : 'not ready'),
    publish: async (name, hostPorts) => {
      await new Promise((resolve) => setImmediate(resolve));
      story.push(`published ${name} ${hostPorts['8080']?.replace(/\d+$/, 'PORT')}`);
    },
    event: () => {},
  };
  const container = new Container(plan, host);
  container.start();
  t.after(() => {
    kill.abort();
    return container.terminate(kill.signal);
  });
  await until(() => container.ready);
}

test('where the ports really are is published before the container counts as ready', async (t) => {
  const story: string[] = [];
  await startContainer(t, story);
  assert.deepEqual(story, ['not ready', 'published nginx 127.0.0.1:PORT', 'ready']);
});

test('the annotation gathers the ports of all containers, is written once, and goes when it is no longer true', async () => {
  const kube = new FakeKube([podObject()]);
  const pod = kube.object(PODS, 'nginx-0');
  assert.ok(pod);
  const ref = { namespace: 'default', name: 'nginx-0', uid: pod.metadata.uid ?? '' };
  const ports = new HostPorts(pod);
  const publish = (container: string, map: Record<string, string>) =>
    ports.publish(kube, ref, container, map, () => {}, new AbortController().signal);
  const annotation = () => kube.object(PODS, 'nginx-0')?.metadata.annotations?.[HOST_PORTS_ANNOTATION];
  await publish('a', { '80': '127.0.0.1:4001' });
  await publish('b', { '81': '127.0.0.1:4002' });
  await publish('b', { '81': '127.0.0.1:4002' });
  assert.deepEqual(JSON.parse(annotation() ?? ''), { '80': '127.0.0.1:4001', '81': '127.0.0.1:4002' });
  assert.equal(kube.writes.length, 2);
  await publish('a', {});
  await publish('b', {});
  assert.equal(annotation(), undefined);
});
