/** The real kubectl against the server: what it prints, and what it leaves behind. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { execa } from 'execa';
import { findKubectl } from '../../kubectl.ts';
import { type FakeKubelet, startFakeKubelet } from './fake-kubelet.ts';
import { PODS_PATH, pod, statefulSet, useApi } from './harness.ts';

const kubectl = findKubectl();
const needsKubectl = kubectl === undefined ? { skip: 'kubectl not found: set $KUBECTL' } : {};
const SETS_PATH = '/apis/apps/v1/namespaces/default/statefulsets';

let kubelet: FakeKubelet;
const api = useApi({}, async (self) => {
  kubelet = await startFakeKubelet(self, 'node-1');
});
let home = '';
before(async () => {
  home = await mkdtemp(join(tmpdir(), 'kubectl-home-'));
});
after(async () => {
  await kubelet.stop();
  await rm(home, { recursive: true });
});

function start(args: readonly string[], kubeconfig = api.server.kubeconfigFile) {
  return execa(kubectl ?? '', args, {
    env: { PATH: process.env['PATH'], HOME: home, KUBECACHEDIR: join(home, 'cache'), KUBECONFIG: kubeconfig },
    extendEnv: false,
    reject: false,
    timeout: 60_000,
  });
}

/** Runs kubectl and answers its stdout; fails the test when kubectl fails. */
async function run(...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await start(args);
  assert.equal(exitCode, 0, `kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** Runs kubectl and answers its stderr; fails the test when kubectl succeeds. */
async function fail(...args: string[]): Promise<string> {
  const { exitCode, stderr } = await start(args);
  assert.notEqual(exitCode, 0, `kubectl ${args.join(' ')} should have failed`);
  return stderr;
}

async function file(name: string, object: object): Promise<string> {
  const path = join(home, name);
  await writeFile(path, JSON.stringify(object));
  return path;
}

async function runningPod(name: string, labels: Record<string, string> = {}): Promise<void> {
  await api.post(PODS_PATH, pod(name, { terminationGracePeriodSeconds: 30 }, { labels }));
  await api.merge(`${PODS_PATH}/${name}/status`, {
    status: { phase: 'Running', podIP: '127.0.0.1', conditions: [{ type: 'Ready', status: 'True' }] },
  });
}

/** Waits until a pod is being deleted. */
async function untilMarked(name: string): Promise<void> {
  const watch = await api.watch(`${PODS_PATH}/${name}?watch=true`);
  while ((await watch.next()).object.metadata.deletionTimestamp === undefined);
  watch.close();
}

test('kubectl sees the version, the resources and their short names', needsKubectl, async () => {
  assert.match(await run('version'), /Server Version: v1\.34/);
  assert.match(await run('api-resources'), /statefulsets +sts +apps\/v1 +true +StatefulSet/);
  assert.match(await run('get', 'ns'), /default +Active/);
});

test('apply creates, changes and leaves alone, client-side', needsKubectl, async () => {
  const path = await file('client.json', statefulSet('client'));
  assert.equal(await run('apply', '-f', path), 'statefulset.apps/client created');
  assert.equal(await run('apply', '-f', path), 'statefulset.apps/client unchanged');
  await file('client.json', statefulSet('client', 4));
  const diff = await start(['diff', '-f', path]);
  assert.equal(diff.exitCode, 1);
  assert.match(diff.stdout, /^\+ +replicas: 4$/m);
  assert.equal(
    await run('apply', '-f', path, '--dry-run=server'),
    'statefulset.apps/client configured (server dry run)',
  );
  assert.equal((await api.get(`${SETS_PATH}/client`)).json.spec.replicas, 3);
  assert.equal(await run('apply', '-f', path), 'statefulset.apps/client configured');
  assert.equal((await api.get(`${SETS_PATH}/client`)).json.spec.replicas, 4);
});

test('apply takes volumeClaimTemplates, and every later patch keeps them', needsKubectl, async () => {
  const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
  const selector = { matchLabels: { app: 'db' } };
  const container = { name: 'db', image: 'db:1', volumeMounts: [{ name: 'data', mountPath: '/data' }] };
  const template = { metadata: { labels: { app: 'db' } }, spec: { containers: [container] } };
  const spec = { selector, template, volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claim }] };
  const path = await file('db.json', { ...statefulSet('db'), spec });
  assert.equal(await run('apply', '-f', path), 'statefulset.apps/db created');
  // kubectl compares the list as a whole with what the server filled in, and so always sends it again.
  assert.equal(await run('apply', '-f', path), 'statefulset.apps/db configured');
  assert.equal(await run('set', 'image', 'sts/db', '*=nginx:1.25.4'), 'statefulset.apps/db image updated');
  assert.equal(await run('rollout', 'restart', 'sts/db'), 'statefulset.apps/db restarted');
  assert.equal(await run('get', 'sts/db', '-o', 'jsonpath={.spec.volumeClaimTemplates[*].metadata.name}'), 'data');
});

test('a claim is shown with its volume, described, and kept while it is protected', needsKubectl, async () => {
  const spec = { accessModes: ['ReadWriteOnce'], storageClassName: 'cbs', resources: { requests: { storage: '1Gi' } } };
  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data-db-0' }, spec };
  assert.equal(await run('apply', '-f', await file('claim.json', claim)), 'persistentvolumeclaim/data-db-0 created');
  assert.match(
    await run('get', 'pvc'),
    /STATUS +VOLUME +CAPACITY +ACCESS MODES +STORAGECLASS .*\ndata-db-0 +Pending +cbs /,
  );
  assert.match(await run('describe', 'pvc', 'data-db-0'), /Finalizers: +\[kubernetes\.io\/pvc-protection\]/);
  await run('delete', 'pvc', 'data-db-0', '--wait=false');
  assert.match(await run('get', 'pvc'), /data-db-0 +Terminating/);
  const bad = await file('bad-claim.json', { ...claim, metadata: { name: 'bad' }, spec: {} });
  assert.match(await fail('apply', '-f', bad), /spec\.accessModes: Required value: at least 1 access mode is required/);
});

test('apply on the server side owns fields and reports conflicts', needsKubectl, async () => {
  const path = await file('server.json', statefulSet('server'));
  assert.equal(await run('apply', '--server-side', '-f', path), 'statefulset.apps/server serverside-applied');
  await run('scale', 'sts/server', '--replicas=6');
  const stderr = await fail('apply', '--server-side', '-f', path);
  assert.match(stderr, /Apply failed with 1 conflict: conflict with "kubectl".*\.spec\.replicas/s);
  await run('apply', '--server-side', '--force-conflicts', '-f', path);
  assert.equal((await api.get(`${SETS_PATH}/server`)).json.spec.replicas, 3);
});

test('get prints tables, and follows changes with -w', needsKubectl, async () => {
  await api.post(SETS_PATH, statefulSet('shown'));
  assert.match(await run('get', 'sts', 'shown'), /^NAME +READY +AGE\nshown +0\/3 +\S+$/);
  assert.equal(await run('get', 'sts/shown', '-o', 'name'), 'statefulset.apps/shown');
  assert.equal(await run('get', 'sts/shown', '-o', 'jsonpath={.spec.replicas}'), '3');
  // A list: of one object by name kubectl skips the first event, and a change made before it watches is in that event.
  const one = ['sts', '--field-selector', 'metadata.name=shown'];
  const watch = start(['get', ...one, '-w', '-o', 'jsonpath={.spec.replicas}{"\\n"}']);
  const lines = watch.iterable();
  await lines.next();
  await api.merge(`${SETS_PATH}/shown`, { spec: { replicas: 9 } });
  assert.equal((await lines.next()).value, '9');
  watch.kill();
  await watch;
});

test('describe shows an object with its events', needsKubectl, async () => {
  await runningPod('told');
  const { uid } = (await api.get(`${PODS_PATH}/told`)).json.metadata;
  await api.post('/api/v1/namespaces/default/events', {
    metadata: { name: 'told.1' },
    involvedObject: { kind: 'Pod', apiVersion: 'v1', namespace: 'default', name: 'told', uid },
    reason: 'Started',
    message: 'Started container nginx',
    type: 'Normal',
    source: { component: 'kubelet' },
  });
  assert.match(await run('describe', 'pod', 'told'), /Node: +node-1.*Started +\S+ +kubelet +Started container nginx/s);
  assert.match(await run('events', '--for', 'pod/told'), /Started container nginx/);
  await api.post(SETS_PATH, statefulSet('described'));
  assert.match(await run('describe', 'sts', 'described'), /Replicas: +3 desired/);
});

test('annotate, label, set image, set env and patch change what they say', needsKubectl, async () => {
  await api.post(SETS_PATH, statefulSet('changed'));
  await run('annotate', 'sts/changed', 'note=yes');
  await run('label', 'sts/changed', 'tier=front');
  assert.match(await fail('label', 'sts/changed', 'tier=back'), /already has a value \(front\)/);
  await run('set', 'image', 'sts/changed', 'nginx=nginx:1.26');
  await run('set', 'env', 'sts/changed', 'MODE=test');
  await run('patch', 'sts', 'changed', '--type=merge', '-p', '{"spec":{"replicas":4}}');
  await run('patch', 'sts', 'changed', '--type=json', '-p', '[{"op":"add","path":"/metadata/labels/a","value":"b"}]');
  await run(
    'patch',
    'sts',
    'changed',
    '-p',
    '{"spec":{"template":{"spec":{"containers":[{"name":"nginx","args":["x"]}]}}}}',
  );
  const { json } = await api.get(`${SETS_PATH}/changed`);
  assert.equal(json.metadata.annotations.note, 'yes');
  assert.deepEqual(json.metadata.labels, { tier: 'front', a: 'b' });
  assert.equal(json.spec.replicas, 4);
  const [container] = json.spec.template.spec.containers;
  assert.deepEqual(
    [container.image, container.args, container.env],
    ['nginx:1.26', ['x'], [{ name: 'MODE', value: 'test' }]],
  );
  assert.match(
    await fail('patch', 'sts', 'changed', '--type=json', '-p', '[{"op":"test","path":"/kind","value":"X"}]'),
    /The request is invalid/,
  );
});

test('scale works plainly and with a guard', needsKubectl, async () => {
  await api.post(SETS_PATH, statefulSet('sized'));
  assert.equal(await run('scale', 'sts/sized', '--replicas=5'), 'statefulset.apps/sized scaled');
  await run('scale', 'sts/sized', '--current-replicas=5', '--replicas=6');
  assert.match(
    await fail('scale', 'sts/sized', '--current-replicas=5', '--replicas=7'),
    /Expected replicas to be 5, was 6/,
  );
  assert.equal((await api.get(`${SETS_PATH}/sized`)).json.spec.replicas, 6);
});

test(
  'rollout history and undo read ControllerRevisions, restart changes the template, status refuses OnDelete',
  needsKubectl,
  async () => {
    const { json: set } = await api.post(SETS_PATH, statefulSet('rolled'));
    const owner = {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      name: 'rolled',
      uid: set.metadata.uid,
      controller: true,
    };
    for (const [revision, image] of [
      [1, 'nginx:1.24'],
      [2, 'nginx:1.25.3'],
    ] as const) {
      const { metadata, spec } = set.spec.template;
      const template = {
        metadata,
        spec: { ...spec, containers: [{ ...spec.containers[0], image }] },
        $patch: 'replace',
      };
      await api.post('/apis/apps/v1/namespaces/default/controllerrevisions', {
        metadata: { name: `rolled-${revision}`, labels: { app: 'rolled' }, ownerReferences: [owner] },
        revision,
        data: { spec: { template } },
      });
    }
    assert.match(await run('rollout', 'history', 'sts/rolled'), /1 +<none>\n2 +<none>/);
    assert.match(await run('rollout', 'history', 'sts/rolled', '--revision=1'), /nginx:1\.24/);
    assert.match(await run('rollout', 'undo', 'sts/rolled', '--to-revision=1'), /rolled back/);
    assert.equal((await api.get(`${SETS_PATH}/rolled`)).json.spec.template.spec.containers[0].image, 'nginx:1.24');
    await run('rollout', 'restart', 'sts/rolled');
    const { annotations } = (await api.get(`${SETS_PATH}/rolled`)).json.spec.template.metadata;
    assert.ok(annotations['kubectl.kubernetes.io/restartedAt']);
    assert.match(
      await fail('rollout', 'status', 'sts/rolled'),
      /rollout status is only available for RollingUpdate strategy type/,
    );
  },
);

test('rollout status follows a RollingUpdate to its end', needsKubectl, async () => {
  const set = statefulSet('followed', 1);
  await api.post(SETS_PATH, {
    ...set,
    spec: { ...(set['spec'] as object), updateStrategy: { type: 'RollingUpdate' } },
  });
  const status = start(['rollout', 'status', 'sts/followed', '--timeout=30s']);
  const lines = status.iterable();
  assert.match(String((await lines.next()).value), /Waiting for (statefulset spec update|1 pods)/);
  await api.merge(`${SETS_PATH}/followed/status`, {
    status: {
      observedGeneration: 1,
      replicas: 1,
      readyReplicas: 1,
      updatedReplicas: 1,
      currentRevision: 'r',
      updateRevision: 'r',
    },
  });
  assert.equal((await status).exitCode, 0);
});

test('delete waits until the kubelet is done, and --force does not', needsKubectl, async () => {
  await runningPod('leaving');
  const deletion = start(['delete', 'pod', 'leaving']);
  await untilMarked('leaving');
  await api.delete(`${PODS_PATH}/leaving`, { gracePeriodSeconds: 0 });
  assert.deepEqual([(await deletion).exitCode, (await deletion).stdout], [0, 'pod "leaving" deleted']);
  await runningPod('forced');
  await run('delete', 'pod', 'forced', '--force', '--grace-period=0');
  assert.equal((await api.get(`${PODS_PATH}/forced`)).status, 404);
  await runningPod('marked');
  await run('delete', 'pod', 'marked', '--wait=false', '--grace-period=7');
  assert.equal((await api.get(`${PODS_PATH}/marked`)).json.metadata.deletionGracePeriodSeconds, 7);
  assert.match(await fail('delete', 'pod', 'nobody'), /Error from server \(NotFound\): pods "nobody" not found/);
});

test('wait sees conditions and deletions', needsKubectl, async () => {
  await api.post(PODS_PATH, pod('awaited'));
  const condition = start(['wait', 'pod/awaited', '--for=condition=Ready', '--timeout=30s']);
  await api.merge(`${PODS_PATH}/awaited/status`, { status: { conditions: [{ type: 'Ready', status: 'True' }] } });
  assert.equal((await condition).stdout, 'pod/awaited condition met');
  const gone = start(['wait', 'pod/awaited', '--for=delete', '--timeout=30s']);
  await api.delete(`${PODS_PATH}/awaited`, { gracePeriodSeconds: 0 });
  assert.equal((await gone).exitCode, 0);
});

test('logs and exec reach the kubelet', needsKubectl, async () => {
  await runningPod('spoken');
  assert.equal(await run('logs', 'spoken'), 'hello');
  assert.equal(await run('logs', '-f', 'spoken'), 'hello');
  const { stdout, exitCode } = await execa(kubectl ?? '', ['exec', '-i', 'spoken', '--', 'sh'], {
    env: { HOME: home, KUBECONFIG: api.server.kubeconfigFile, PATH: process.env['PATH'] },
    extendEnv: false,
    input: 'exit',
  });
  assert.deepEqual([exitCode, stdout], [0, 'ready']);
  assert.match(await fail('exec', 'nobody', '--', 'ls'), /pods "nobody" not found/);
});

test('replace respects the version, create -f refuses what is there', needsKubectl, async () => {
  await api.post(SETS_PATH, statefulSet('replaced'));
  const { json } = await api.get(`${SETS_PATH}/replaced`);
  const path = await file('replaced.json', json);
  assert.equal(await run('replace', '-f', path), 'statefulset.apps/replaced replaced');
  await run('scale', 'sts/replaced', '--replicas=8');
  assert.match(
    await fail('replace', '-f', path),
    /\(Conflict\).*the object has been modified; please apply your changes/,
  );
  assert.match(await fail('create', '-f', path), /(AlreadyExists|resourceVersion should not be set)/);
  const plain = await file('again.json', statefulSet('replaced'));
  assert.match(await fail('create', '-f', plain), /\(AlreadyExists\).*statefulsets\.apps "replaced" already exists/);
});

test('imperative create, auth can-i and whoami speak their encodings', needsKubectl, async () => {
  assert.equal(await run('create', 'configmap', 'made', '--from-literal=a=b'), 'configmap/made created');
  assert.equal(await run('create', 'namespace', 'made'), 'namespace/made created');
  assert.equal((await api.get('/api/v1/namespaces/default/configmaps/made')).json.data.a, 'b');
  assert.equal(await run('auth', 'can-i', 'delete', 'pods'), 'yes');
  const nobody = await api.server.kubeconfigFor('nobody');
  const { stdout, exitCode } = await start(['auth', 'can-i', 'delete', 'pods'], nobody);
  assert.deepEqual([stdout, exitCode], ['no', 1]);
  assert.match(await run('auth', 'whoami'), /Username +admin/);
  const { stderr } = await start(['get', 'pods'], nobody);
  assert.match(stderr, /Error from server \(Forbidden\): pods is forbidden: User "nobody" cannot list resource "pods"/);
  assert.equal(await run('delete', 'namespace', 'made'), 'namespace "made" deleted');
});

test('cordon, uncordon and drain work on a node', needsKubectl, async () => {
  await api.post('/api/v1/nodes', { metadata: { name: 'node-2' } });
  assert.equal(await run('cordon', 'node-2'), 'node/node-2 cordoned');
  assert.equal((await api.get('/api/v1/nodes/node-2')).json.spec.unschedulable, true);
  assert.match(await run('get', 'node', 'node-2'), /SchedulingDisabled/);
  assert.equal(await run('uncordon', 'node-2'), 'node/node-2 uncordoned');
  await api.post(PODS_PATH, pod('evicted', { nodeName: 'node-2' }));
  const drain = start(['drain', 'node-2', '--force']);
  await untilMarked('evicted');
  await api.delete(`${PODS_PATH}/evicted`, { gracePeriodSeconds: 0 });
  assert.match((await drain).stdout, /pod\/evicted evicted/);
});
