/** A pod without any program of its own to look with: the way in is an ephemeral container, and only when it is asked for. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { list, text } from '../../../lib/core/values/read.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import { onlyRole } from '../stage/role-user.ts';
import { FAST, openStage, type Stage } from '../stage/stage.ts';
import { holdConnection } from '../stage/trouble/hold.ts';

const BARE = 'gcr.io/distroless/nginx:1.25.3';
const BY_POD = ['--source', 'pod', ...FAST];
const LOOKER = ['--debug-image', 'busybox:1.37'];

let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

/** The guide's StatefulSet with an image that holds the application and nothing else. */
function withBareImage(object: KubeObject): KubeObject {
  if (object.kind !== 'StatefulSet') return object;
  const spec = object['spec'] as { template: { spec: { containers: { image: string }[] } } };
  for (const container of spec.template.spec.containers) container.image = BARE;
  return object;
}

const openBareStage = (t: Parameters<typeof openStage>[0]) =>
  openStage(t, cluster, { replicas: 2, edit: withBareImage });

async function ephemeralContainers(stage: Stage, name = 'nginx-0'): Promise<string[]> {
  const pod = (await stage.pods()).find((each) => each.metadata.name === name);
  return list(pod, 'spec', 'ephemeralContainers').map((each) => `${text(each, 'name')} ${text(each, 'image')}`);
}

test('a distroless pod cannot be counted from inside, and wait-zero shows that and the cure', async (t) => {
  const stage = await openBareStage(t);
  await stage.ok('drain', 'nginx', '0');
  const waited = await stage.run(['wait-zero', 'nginx', ...BY_POD]);
  assert.deepEqual([waited.code, waited.stdout], [4, ''], waited.stderr);
  assert.match(waited.stderr, /no container of pod nginx-0 has cat \(nginx\); --debug-image busybox adds one that has/);
  assert.deepEqual(await ephemeralContainers(stage), []);
});

test('with --debug-image it is counted from an ephemeral container, which a second wait uses again', async (t) => {
  const stage = await openBareStage(t);
  const held = await holdConnection(t, stage, 'nginx-0');
  await stage.ok('drain', 'nginx', '0');

  const busy = await stage.run(['wait-zero', 'nginx', ...BY_POD, ...LOOKER, '--timeout', '6s']);
  assert.equal(busy.code, 6, busy.stderr);
  assert.match(
    busy.stderr,
    /adding ephemeral container kubectl-zeroloss-1 \(busybox:1\.37\); it stays until the pod is gone/,
  );
  assert.match(busy.stderr, /nginx-0 TCP\/80 pod: 1 connection/);
  assert.deepEqual(await ephemeralContainers(stage), ['kubectl-zeroloss-1 busybox:1.37']);

  held.release();
  const quiet = await stage.ok('wait-zero', 'nginx', ...BY_POD, ...LOOKER);
  assert.doesNotMatch(quiet.stderr, /adding ephemeral container/);
  assert.match(quiet.stderr, /container kubectl-zeroloss-1/);
  assert.deepEqual(await ephemeralContainers(stage), ['kubectl-zeroloss-1 busybox:1.37']);
  assert.equal(held.lost, false);

  // Once it is there no command needs the flag, and it does not hold up the end of its pod.
  await stage.ok('wait-zero', 'nginx', ...BY_POD);
  await stage.setImage('gcr.io/distroless/nginx:1.25.4');
  const before = await stage.uids();
  await stage.ok('recreate', 'nginx', ...BY_POD);
  assert.notEqual((await stage.uids())['nginx-0'], before['nginx-0']);
  assert.deepEqual(await ephemeralContainers(stage), []);
});

test('the role to operate may add it, the role to look may not and learns which permission is missing', async (t) => {
  const stage = await openBareStage(t);
  await stage.ok('drain', 'nginx', '0');
  const laura = await onlyRole(cluster, stage, 'kubectl-zeroloss-look', 'laura');
  const refused = await stage.run(['wait-zero', 'nginx', ...BY_POD, ...LOOKER], { env: laura });
  assert.equal(refused.code, 4, refused.stderr);
  assert.match(refused.stderr, /forbidden.*pods\/exec|pods\/exec.*forbidden|create on pods\/exec/s);
  const oscar = await onlyRole(cluster, stage, 'kubectl-zeroloss-operate', 'oscar');
  const waited = await stage.run(['wait-zero', 'nginx', ...BY_POD, ...LOOKER], { env: oscar });
  assert.equal(waited.code, 0, waited.stderr);
  assert.doesNotMatch(waited.stderr, /forbidden/i);
});
