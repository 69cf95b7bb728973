/** @kubernetes/client-node, the generated client, as a third witness beside kubectl and our own: it sees what the plugin did, and the plugin sees what it does. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import {
  ApiException,
  AppsV1Api,
  CoreV1Api,
  Exec,
  KubeConfig,
  PatchStrategy,
  setHeaderOptions,
  type V1Pod,
  type V1Status,
  Watch,
} from '@kubernetes/client-node';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import { guideText } from '../stage/guide-text.ts';
import { FAST, NEW_IMAGE, openStage, RS_WEIGHT } from '../stage/stage.ts';

let cluster: E2eCluster;
let config: KubeConfig;
let core: CoreV1Api;
let apps: AppsV1Api;
before(async () => {
  cluster = await openCluster();
  config = new KubeConfig();
  config.loadFromFile(cluster.kubeconfig);
  core = config.makeApiClient(CoreV1Api);
  apps = config.makeApiClient(AppsV1Api);
});
after(closeCluster);

const refusal = (code: number) => (error: unknown) => error instanceof ApiException && error.code === code;
const as = (strategy: string) => setHeaderOptions('Content-Type', strategy);

test('it lists what the plugin wrote: the weights on the Service, and the Event on the StatefulSet', async (t) => {
  const stage = await openStage(t, cluster);
  const { namespace } = stage;
  await stage.ok('drain', 'nginx', '0,1', '--min-serving', '1');
  const services = await core.listNamespacedService({ namespace });
  assert.equal(services.items[0]?.metadata?.annotations?.[RS_WEIGHT], guideText([0, 1]));
  const { items } = await core.listNamespacedEvent({ namespace, fieldSelector: 'reason=ZerolossDrained' });
  assert.deepEqual(
    items.map(({ involvedObject }) => [involvedObject.kind, involvedObject.name]),
    [['StatefulSet', 'nginx']],
  );
  const pods = await core.listNamespacedPod({ namespace, labelSelector: 'app=nginx', limit: 2 });
  assert.equal(pods.items.length, 2);
  const rest = await core.listNamespacedPod({
    namespace,
    labelSelector: 'app=nginx',
    ...(pods.metadata?._continue === undefined ? {} : { _continue: pods.metadata._continue }),
  });
  assert.deepEqual(
    [...pods.items, ...rest.items].map((pod) => pod.metadata?.name),
    ['nginx-0', 'nginx-1', 'nginx-2'],
  );
});

test('it patches in each of four ways, and the plugin works on with what came of it', async (t) => {
  const stage = await openStage(t, cluster);
  const { namespace } = stage;
  const at = { name: 'nginx', namespace };
  const container = { name: 'nginx', image: NEW_IMAGE };
  const template = { spec: { template: { spec: { containers: [container] } } } };
  await apps.patchNamespacedStatefulSet({ ...at, body: template }, as(PatchStrategy.StrategicMergePatch));
  const last = [{ op: 'test', path: '/spec/template/spec/containers/-1/image', value: NEW_IMAGE }];
  await apps.patchNamespacedStatefulSet({ ...at, body: last }, as(PatchStrategy.JsonPatch));
  const drained = { metadata: { annotations: { [RS_WEIGHT]: guideText([0]) } } };
  await core.patchNamespacedService({ ...at, body: drained }, as(PatchStrategy.MergePatch));
  const labelled = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'nginx', labels: { by: 'client-node' } } };
  const applied = await core.patchNamespacedService(
    { ...at, body: labelled, fieldManager: 'client-node', force: true },
    as(PatchStrategy.ServerSideApply),
  );
  assert.equal(applied.metadata?.labels?.['by'], 'client-node');
  await stage.ok('wait-zero', 'nginx', ...FAST);
  await stage.ok('recreate', 'nginx', ...FAST);
  const pod = await core.readNamespacedPod({ name: 'nginx-0', namespace });
  assert.equal(pod.spec?.containers[0]?.image, NEW_IMAGE);
});

test('it watches a pod go and its replacement come while the plugin recreates it', async (t) => {
  const stage = await openStage(t, cluster);
  await stage.setImage();
  await stage.ok('drain', 'nginx', '1');
  const seen: string[] = [];
  const before = (await stage.uids())['nginx-1'];
  const { resourceVersion } = (await core.listNamespacedPod({ namespace: stage.namespace })).metadata ?? {};
  const watch = await new Watch(config).watch(
    `/api/v1/namespaces/${stage.namespace}/pods`,
    { fieldSelector: 'metadata.name=nginx-1', ...(resourceVersion === undefined ? {} : { resourceVersion }) },
    (phase, pod: V1Pod) => {
      const which = pod.metadata?.uid === before ? 'old' : 'new';
      const ready = pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
      if (phase !== 'MODIFIED') seen.push(`${phase} ${which}`);
      else if (which === 'new' && ready) seen.push('READY new');
    },
    () => undefined,
  );
  t.after(() => watch.abort());
  await stage.ok('wait-zero', 'nginx', ...FAST);
  await stage.ok('recreate', 'nginx', ...FAST);
  await stage.until('the watch has seen the new pod ready', async () => seen.includes('READY new'));
  assert.deepEqual(seen.slice(0, 3), ['DELETED old', 'ADDED new', 'READY new']);
});

test('it is refused as anybody is: a stale version, another uid, a field that is not there', async (t) => {
  const stage = await openStage(t, cluster);
  const at = { name: 'nginx', namespace: stage.namespace };
  const service = await core.readNamespacedService(at);
  await core.patchNamespacedService(
    { ...at, body: { metadata: { labels: { a: 'b' } } } },
    as(PatchStrategy.MergePatch),
  );
  await assert.rejects(core.replaceNamespacedService({ ...at, body: service }), refusal(409));
  const wrong = { preconditions: { uid: '00000000-0000-0000-0000-000000000000' } };
  await assert.rejects(core.deleteNamespacedPod({ ...at, name: 'nginx-0', body: wrong }), refusal(409));
  await assert.rejects(core.readNamespacedPod({ ...at, name: 'nginx-9' }), refusal(404));
  const body = { spec: { replicaz: 3 } };
  await assert.rejects(
    apps.patchNamespacedStatefulSet({ ...at, body, fieldValidation: 'Strict' }, as(PatchStrategy.StrategicMergePatch)),
    (error: unknown) => error instanceof ApiException && error.code >= 400 && error.code < 500,
  );
});

test('it runs a command in a pod, and reads its log', async (t) => {
  const stage = await openStage(t, cluster);
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const said = textOf(stdout);
  const status = await new Promise<V1Status>((resolve, reject) => {
    new Exec(config)
      .exec(stage.namespace, 'nginx-0', 'nginx', ['hostname'], stdout, stderr, null, false, resolve)
      .catch(reject);
  });
  stdout.end();
  assert.deepEqual([status.status, await said], ['Success', 'nginx-0\n']);
  const log = await core.readNamespacedPodLog({ name: 'nginx-0', namespace: stage.namespace });
  assert.equal(typeof log, 'string');
});
