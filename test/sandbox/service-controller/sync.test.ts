import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NODES, PODS, SERVICES } from '../../../lib/ports/resources.ts';
import { startBackend, startClient, until } from '../clb/support.ts';
import { drained, pod, service, startRig, WEIGHTS } from './support.ts';

test('a Service gets a load balancer, listeners, backends, its annotations, status and Events', async (t) => {
  const rig = await startRig(t, [service(), pod(0), pod(1)]);
  await rig.show('10.0.0.0=10 10.0.0.1=10');
  await until(() => rig.annotation('service.cloud.tencent.com/sync-end-time') !== undefined);
  const [balancer] = rig.clb.balancers;
  assert.equal(rig.annotation('service.kubernetes.io/loadbalance-id'), balancer?.id);
  assert.match(
    rig.annotation('service.cloud.tencent.com/sync-begin-time') ?? '',
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00$/,
  );
  await until(() => rig.events().includes('Normal EnsureServiceSuccess'));
  assert.deepEqual([...new Set(rig.events())], ['Normal EnsuringService', 'Normal EnsureServiceSuccess']);
  assert.deepEqual(rig.kube.object(SERVICES, 'nginx')?.['status'], {
    loadBalancer: { ingress: [{ ip: balancer?.vip }] },
  });
});

test('the annotation sets weights, moves on, and leaves the default behind when it is removed', async (t) => {
  const rig = await startRig(t, [service(), pod(0), pod(1)]);
  await rig.show('10.0.0.0=10 10.0.0.1=10');
  rig.annotate({ [WEIGHTS]: drained(0) });
  await rig.show('10.0.0.0=0 10.0.0.1=10');
  rig.annotate({ [WEIGHTS]: drained(1) });
  await rig.show('10.0.0.0=10 10.0.0.1=0');
  rig.annotate({ [WEIGHTS]: undefined });
  await rig.show('10.0.0.0=10 10.0.0.1=10');
});

test('a pod that appears while its ordinal is drained starts at weight 0', async (t) => {
  const rig = await startRig(t, [service({ [WEIGHTS]: drained(1) }), pod(0)]);
  await rig.show('10.0.0.0=10');
  rig.kube.put(pod(1));
  await rig.show('10.0.0.0=10 10.0.0.1=0');
});

test('its own writes do not make it sync again', async (t) => {
  const rig = await startRig(t, [service(), pod(0)], { resyncMs: 5 });
  await until(() => rig.events().includes('Normal EnsureServiceSuccess'));
  const writes = rig.kube.writes.length;
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(rig.kube.writes.length, writes);
});

test('a malformed annotation changes nothing and is reported once in a Warning', async (t) => {
  const rig = await startRig(t, [service({ [WEIGHTS]: drained(0) }), pod(0), pod(1)]);
  await rig.show('10.0.0.0=0 10.0.0.1=10');
  rig.annotate({ [WEIGHTS]: '{"groups":' });
  await until(() => rig.events().includes('Warning EnsureServiceFailed'));
  assert.equal(rig.weights(), '10.0.0.0=0 10.0.0.1=10');
  rig.kube.put(pod(2));
  rig.annotate({ [WEIGHTS]: drained(1) });
  await rig.show('10.0.0.0=10 10.0.0.1=0 10.0.0.2=10');
  assert.equal(rig.events().filter((event) => event.startsWith('Warning')).length, 1);
});

test('a terminating pod goes to weight 0, and is unbound when it is gone', async (t) => {
  const rig = await startRig(t, [service(), pod(0), pod(1)]);
  await rig.show('10.0.0.0=10 10.0.0.1=10');
  await rig.kube.delete(PODS, 'nginx-0', { uid: 'uid-0' });
  await rig.show('10.0.0.0=0 10.0.0.1=10');
  rig.kube.remove(PODS, 'nginx-0');
  await rig.show('10.0.0.1=10');
});

test('a terminating pod whose grace is over is unbound although it is still there', async (t) => {
  const rig = await startRig(t, [service(), pod(0)]);
  await rig.show('10.0.0.0=10');
  rig.kube.edit(PODS, 'nginx-0', ({ metadata }) => {
    metadata.deletionTimestamp = new Date(Date.now() - 1000).toISOString();
    metadata.deletionGracePeriodSeconds = 30;
  });
  await rig.show('');
});

test('another pod at the same address is bound anew, and cuts what the old one left', async (t) => {
  const backend = await startBackend(t, 'nginx-0');
  const rig = await startRig(t, [service(), pod(0, { dialPort: backend.port })]);
  await rig.show('10.0.0.0=10');
  const address = rig.clb.addressOf(rig.clb.balancers[0]?.id ?? '', 80);
  assert.ok(address);
  const client = await startClient(t, address);
  await client.hears('hello nginx-0');
  // Asleep meanwhile, so that only the pod tells them from each other.
  rig.controller.pause();
  rig.kube.remove(PODS, 'nginx-0');
  rig.kube.put(pod(0, { dialPort: backend.port, uid: 'uid-other' }));
  rig.controller.resume();
  assert.equal(await client.over, 'reset');
  await until(() => rig.listener()?.targets[0]?.tag === 'uid-other');
});

test('pods that are pending, ended, without address or not selected are not bound', async (t) => {
  const pending = pod(1);
  pending['status'] = { phase: 'Pending', podIP: '10.0.0.1' };
  const ended = pod(2);
  ended['status'] = { phase: 'Succeeded', podIP: '10.0.0.2' };
  const placeless = pod(3);
  placeless['status'] = { phase: 'Running' };
  const other = pod(4);
  other.metadata.labels = { app: 'other' };
  const elsewhere = pod(5);
  elsewhere.metadata.namespace = 'elsewhere';
  const rig = await startRig(t, [service(), pod(0), pending, ended, placeless, other, elsewhere]);
  await rig.show('10.0.0.0=10');
});

test('every port has its own listener and its own weights, and named target ports are looked up', async (t) => {
  const ports = [
    { port: 80, targetPort: 'http' },
    { port: 8080, targetPort: 81 },
  ];
  const rig = await startRig(t, [service({ [WEIGHTS]: drained(0) }, { ports }), pod(0)]);
  await rig.show('10.0.0.0=0', 80);
  await rig.show('10.0.0.0=10', 8080);
  assert.deepEqual([rig.listener(80)?.targets[0]?.port, rig.listener(8080)?.targets[0]?.port], [80, 81]);
  rig.kube.edit(SERVICES, 'nginx', (object) => {
    object['spec'] = { ...Object(object['spec']), ports: ports.slice(0, 1) };
  });
  await until(() => rig.listener(8080) === undefined);
});

test('a pod with custom-weight keeps that weight against any annotation', async (t) => {
  const custom = pod(0);
  custom.metadata.annotations = { 'service.cloud.tencent.com/custom-weight': '50' };
  const rig = await startRig(t, [service({ [WEIGHTS]: drained(0) }), custom]);
  await rig.show('10.0.0.0=50');
});

test('mode skip is left alone', async (t) => {
  const skipped = service({ 'service.cloud.tencent.com/mode': 'skip' });
  const other = service();
  other.metadata.name = 'other';
  const rig = await startRig(t, [skipped, pod(0)]);
  rig.annotate({ [WEIGHTS]: drained(0) });
  rig.kube.put(other);
  await rig.show('10.0.0.0=10');
  await until(() => rig.events().includes('Normal EnsureServiceSuccess'));
  assert.equal(rig.clb.balancers.length, 1);
  assert.ok(rig.kube.writes.every(({ name }) => name !== 'nginx'));
});

test('target-groups makes listeners of type TARGETGROUP without backends of their own', async (t) => {
  const rig = await startRig(t, [service({ 'service.cloud.tencent.com/target-groups': '[]' }), pod(0)]);
  await until(() => rig.listener()?.settings.targetType === 'TARGETGROUP');
  await until(() => rig.events().includes('Normal EnsureServiceSuccess'));
  assert.equal(rig.weights(), '');
});

test('without direct access the nodes are bound on the node port', async (t) => {
  const node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'node-1' },
    status: { addresses: [{ type: 'InternalIP', address: '10.9.0.1' }] },
  };
  const ports = [{ port: 80, targetPort: 80, nodePort: 31_000 }];
  const plain = service({ 'service.cloud.tencent.com/direct-access': 'false' }, { ports });
  const rig = await startRig(t, [plain, pod(0), node]);
  await rig.show('10.9.0.1=10');
  assert.deepEqual([rig.listener()?.targets[0]?.type, rig.listener()?.targets[0]?.port], ['CVM', 31_000]);
  assert.equal(rig.kube.objects(NODES).length, 1);
});

test('specify-protocol makes layer-7 listeners whose rules have the backends', async (t) => {
  const specified = {
    'service.cloud.tencent.com/specify-protocol':
      '{"80":{"protocol":["HTTP"],"hosts":{"a.example":{},"b.example":{}}}}',
  };
  const rig = await startRig(t, [service({ ...specified, [WEIGHTS]: drained(0) }), pod(0)]);
  await rig.show('10.0.0.0=0 10.0.0.0=0');
  assert.deepEqual(
    rig.listener()?.rules.map(({ domain }) => domain),
    ['a.example', 'b.example'],
  );
});

test('an existing balancer is shared: only the own listeners are touched, and it survives the Service', async (t) => {
  const rig = await startRig(t, []);
  const { balancerId, done } = rig.clb.createBalancer();
  await done;
  await rig.clb.createListeners(balancerId, [{ protocol: 'TCP', port: 443 }]).done;
  rig.kube.put(service({ 'service.kubernetes.io/tke-existed-lbid': balancerId }));
  rig.kube.put(pod(0));
  await rig.show('10.0.0.0=10');
  rig.kube.remove(SERVICES, 'nginx');
  await until(() => rig.listener(80) === undefined);
  assert.ok(rig.listener(443));
  assert.equal(rig.clb.balancers.length, 1);
});

test('a balancer that does not exist is reported in a Warning', async (t) => {
  const rig = await startRig(t, [service({ 'service.kubernetes.io/tke-existed-lbid': 'lb-00000000' })]);
  await until(() => rig.events().includes('Warning EnsureServiceFailed'));
});

test('a deleted Service takes its balancer with it, and a new one of the same name gets another', async (t) => {
  const rig = await startRig(t, [service(), pod(0)]);
  await rig.show('10.0.0.0=10');
  const first = rig.clb.balancers[0]?.id;
  rig.kube.remove(SERVICES, 'nginx');
  await until(() => rig.clb.balancers.length === 0);
  rig.kube.put(service());
  await rig.show('10.0.0.0=10');
  assert.notEqual(rig.clb.balancers[0]?.id, first);
});

test('a Service that stops being a LoadBalancer loses its balancer and its address', async (t) => {
  const rig = await startRig(t, [service(), pod(0)]);
  await until(() => rig.annotation('service.kubernetes.io/loadbalance-id') !== undefined);
  rig.kube.edit(SERVICES, 'nginx', (object) => {
    object['spec'] = { ...Object(object['spec']), type: 'ClusterIP' };
  });
  await until(() => rig.clb.balancers.length === 0);
  await until(() => rig.annotation('service.kubernetes.io/loadbalance-id') === undefined);
});

test('an internal Service in another region gets a private balancer there', async (t) => {
  const rig = await startRig(t, [
    service({
      'service.kubernetes.io/qcloud-loadbalancer-internal-subnetid': 'subnet-1',
      'service.cloud.tencent.com/cross-region-id': 'ap-chengdu',
    }),
  ]);
  await until(() => rig.clb.balancers.length === 1);
  assert.deepEqual([rig.clb.balancers[0]?.network, rig.clb.balancers[0]?.region], ['private', 'ap-chengdu']);
});

test('a task that fails is tried again', async (t) => {
  const rig = await startRig(t, []);
  rig.clb.failNextTasks(2);
  rig.kube.put(service());
  rig.kube.put(pod(0));
  await rig.show('10.0.0.0=10');
  assert.equal(rig.clb.balancers.length, 1);
});

test('of two listeners on one port each has the weights of what carries it', async (t) => {
  const weights = (proto: string) => ({
    key: { proto, port: 80 },
    statefulSets: [{ name: 'nginx', weights: [{ weight: 0, podIndexes: [0] }] }],
  });
  const specified = { 'service.cloud.tencent.com/specify-protocol': '{"80":{"protocol":["TCP","UDP"]}}' };
  const shown = async (...protocols: string[]): Promise<[string, number | undefined][]> => {
    const text = JSON.stringify({ defaultWeight: 10, groups: protocols.map(weights) });
    const rig = await startRig(t, [service({ ...specified, [WEIGHTS]: text }), pod(0)]);
    const listeners = () => rig.clb.balancers.flatMap((balancer) => [...balancer.listeners.values()]);
    await until(() => listeners().length === 2 && listeners().every(({ targets }) => targets.length === 1));
    return listeners().map(({ protocol, targets }) => [protocol, targets[0]?.weight]);
  };
  assert.deepEqual((await shown('TCP')).sort(), [
    ['TCP', 0],
    ['UDP', 10],
  ]);
  assert.deepEqual((await shown('TCP', 'UDP')).sort(), [
    ['TCP', 0],
    ['UDP', 0],
  ]);
});
