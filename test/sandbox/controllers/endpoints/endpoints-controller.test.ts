import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ENDPOINT_SLICES, ENDPOINTS, PODS, SERVICES } from '../../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../../lib/ports.ts';
import { startEndpointsController } from '../../../../sandbox/controllers/endpoints/endpoints-controller.ts';
import { pod, podsOf, service, statefulSet } from '../../../builders.ts';
import { FakeKube } from '../../../fakes/api/kube.ts';
import { eventually, settled } from '../../../fakes/eventually.ts';

function start(t: TestContext, objects: readonly KubeObject[]): FakeKube {
  const kube = new FakeKube(objects, { gracefulPods: true });
  const controller = startEndpointsController(kube, { log: (line) => t.diagnostic(line) });
  t.after(() => controller.stop());
  return kube;
}

interface Subset {
  addresses?: { ip: string; targetRef: { uid: string } }[];
  notReadyAddresses?: { ip: string }[];
  ports?: { name?: string; port: number }[];
}

const subsetsOf = (kube: FakeKube): Subset[] => (kube.object(ENDPOINTS, 'nginx')?.['subsets'] ?? []) as Subset[];
const readyIps = (kube: FakeKube): string[] =>
  subsetsOf(kube).flatMap((subset) => (subset.addresses ?? []).map((address) => address.ip));

interface SliceEndpoint {
  addresses: string[];
  conditions: object;
  targetRef: object;
}
const slicesOf = (kube: FakeKube) =>
  kube.objects(ENDPOINT_SLICES) as (KubeObject & { endpoints: SliceEndpoint[]; ports: unknown; addressType: string })[];

test('ready pods are addresses and unready ones notReadyAddresses, each naming its pod by uid', async (t) => {
  const set = statefulSet({ replicas: 2 });
  const kube = start(t, [service(), ...podsOf(set, (ordinal) => ({ ready: ordinal === 0, uid: `uid-${ordinal}` }))]);
  await eventually(() => assert.equal(subsetsOf(kube).length, 1));
  const at = (ordinal: number) => ({
    ip: `10.0.0.${10 + ordinal}`,
    nodeName: 'node-1',
    targetRef: { kind: 'Pod', name: `nginx-${ordinal}`, namespace: 'default', uid: `uid-${ordinal}` },
  });
  assert.deepEqual(subsetsOf(kube), [
    { addresses: [at(0)], notReadyAddresses: [at(1)], ports: [{ port: 80, protocol: 'TCP' }] },
  ]);
});

test('a deleted pod leaves the Endpoints at once, but its slice shows it as serving and terminating', async (t) => {
  const kube = start(t, [service(), ...podsOf(statefulSet({ replicas: 2 }))]);
  await eventually(() => assert.deepEqual(readyIps(kube), ['10.0.0.10', '10.0.0.11']));
  await kube.delete(PODS, 'nginx-1', { uid: undefined });
  await eventually(() => assert.deepEqual(readyIps(kube), ['10.0.0.10']));
  assert.equal(subsetsOf(kube)[0]?.notReadyAddresses, undefined);
  const conditions = () => slicesOf(kube)[0]?.endpoints.map((endpoint) => endpoint.conditions);
  await eventually(() =>
    assert.deepEqual(conditions(), [
      { ready: true, serving: true, terminating: false },
      { ready: false, serving: true, terminating: true },
    ]),
  );
  kube.remove(PODS, 'nginx-1');
  await eventually(() => assert.equal(conditions()?.length, 1));
});

test('a slice carries the Service as label and owner, ports and address type', async (t) => {
  const kube = start(t, [service({ uid: 'svc-uid', ports: [{ port: 80, name: 'web', targetPort: 'http' }] }), pod()]);
  await eventually(() => assert.equal(slicesOf(kube)[0]?.endpoints.length, 1));
  const [slice] = slicesOf(kube);
  assert.equal(slice?.addressType, 'IPv4');
  assert.deepEqual(slice?.ports, [{ name: 'web', port: 80, protocol: 'TCP' }]);
  assert.equal(slice?.metadata.labels?.['kubernetes.io/service-name'], 'nginx');
  assert.equal(slice?.metadata.ownerReferences?.[0]?.uid, 'svc-uid');
});

test('a named target port is resolved in each pod, so that two revisions may listen on different ports', async (t) => {
  const set = statefulSet({ replicas: 2 });
  const [first = pod(), second = pod()] = podsOf(set);
  const spec = second['spec'] as { containers: { ports: { containerPort: number }[] }[] };
  for (const port of spec.containers[0]?.ports ?? []) port.containerPort = 8080;
  const kube = start(t, [service({ ports: [{ port: 80, targetPort: 'http' }] }), first, second]);
  await eventually(() =>
    assert.deepEqual(
      subsetsOf(kube).map((subset) => [subset.addresses?.[0]?.ip, subset.ports?.[0]?.port]),
      [
        ['10.0.0.10', 80],
        ['10.0.0.11', 8080],
      ],
    ),
  );
  await eventually(() => assert.equal(slicesOf(kube).length, 2));
});

test('publishNotReadyAddresses shows unready pods as ready', async (t) => {
  const published = service({ merge: { spec: { publishNotReadyAddresses: true } } });
  const kube = start(t, [published, pod({ ready: false })]);
  await eventually(() => assert.deepEqual(readyIps(kube), ['10.0.0.10']));
  await eventually(() =>
    assert.deepEqual(slicesOf(kube)[0]?.endpoints[0]?.conditions, { ready: true, serving: false, terminating: false }),
  );
});

test('pods without an address, finished pods and pods of other labels are no endpoints', async (t) => {
  const set = statefulSet({ replicas: 4 });
  const kube = start(t, [
    service(),
    pod({ statefulSet: set, ordinal: 0 }),
    pod({ statefulSet: set, ordinal: 1, phase: 'Pending', ready: false }),
    pod({ statefulSet: set, ordinal: 2, phase: 'Failed', ready: false }),
    pod({ statefulSet: set, ordinal: 3, labels: { app: 'other' } }),
  ]);
  await eventually(() => assert.deepEqual(readyIps(kube), ['10.0.0.10']));
  assert.equal(subsetsOf(kube)[0]?.notReadyAddresses, undefined);
  kube.edit(PODS, 'nginx-0', (object) => {
    object.metadata.labels = { app: 'other' };
  });
  await eventually(() => assert.deepEqual(subsetsOf(kube), []));
});

test('a Service without a selector is left alone', async (t) => {
  const kube = start(t, [service({ merge: { spec: { selector: null } } }), pod()]);
  await settled();
  assert.deepEqual(kube.writes, []);
});

test('when its Service goes, Endpoints and slices go', async (t) => {
  const kube = start(t, [service(), pod()]);
  await eventually(() => assert.equal(slicesOf(kube).length, 1));
  await eventually(() => assert.equal(subsetsOf(kube).length, 1));
  kube.remove(SERVICES, 'nginx');
  await eventually(() => assert.deepEqual([...kube.objects(ENDPOINTS), ...slicesOf(kube)], []));
});

test('nothing is written while nothing changes', async (t) => {
  const kube = start(t, [service(), pod()]);
  await eventually(() => assert.equal(slicesOf(kube).length, 1));
  await settled();
  const { length } = kube.writes;
  kube.edit(PODS, 'nginx-0', (object) => {
    object.metadata.annotations = { note: 'x' };
  });
  await settled();
  assert.equal(kube.writes.length, length);
});
