/**
 * The emergency exit at its barest: four permissions of RBAC, no credential of the cloud, and an annotation that
 * somebody else has damaged.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ROLE_BINDINGS, ROLES } from '../../../lib/ports/resources.ts';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import type { Env } from '../stage/plugin.ts';
import { openStage, RS_WEIGHT, type Stage } from '../stage/stage.ts';
import { assertUnwritten } from '../stage/unwritten.ts';

let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

const RBAC = 'rbac.authorization.k8s.io';
const OUT = ['restore', 'nginx', '--weights-only', '--service', 'nginx'];

/** The environment of a user who may do what the way out does, and nothing else; without anything of the cloud. */
async function barely(stage: Stage, serviceVerbs: readonly string[]): Promise<Env> {
  const user = `bare-${serviceVerbs.join('-')}`;
  const rules = [
    { apiGroups: ['apps'], resources: ['statefulsets'], resourceNames: ['nginx'], verbs: ['get'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
    { apiGroups: [''], resources: ['services'], resourceNames: ['nginx'], verbs: serviceVerbs },
  ];
  const at = { namespace: stage.namespace };
  const meta = { apiVersion: `${RBAC}/v1`, metadata: { name: user } };
  await cluster.kube.create(ROLES, { ...meta, kind: 'Role', rules }, at);
  const roleRef = { apiGroup: RBAC, kind: 'Role', name: user };
  const subjects = [{ apiGroup: RBAC, kind: 'User', name: user }];
  await cluster.kube.create(ROLE_BINDINGS, { ...meta, kind: 'RoleBinding', roleRef, subjects }, at);
  const without = Object.keys(cluster.environment).filter((name) => name.startsWith('TENCENTCLOUD_'));
  assert.ok(without.length > 0, 'else nothing is taken away');
  return {
    ...Object.fromEntries(without.map((name) => [name, undefined])),
    KUBECONFIG: await cluster.kubeconfigFor(user, [], { namespace: stage.namespace }),
  };
}

const shown = async (stage: Stage): Promise<string[]> =>
  (await stage.ok('status', 'nginx')).stdout
    .split('\n')
    .slice(1, -1)
    .map((line) => line.split(/ +/).slice(0, 3).join(' '));

test('the kept weights come back over a damaged annotation, with four permissions and without the cloud', async (t) => {
  const former = '{"defaultWeight":20,"groups":[]}';
  const stage = await openStage(t, cluster, {
    replicas: 4,
    edit: (object) => {
      if (object.kind === 'Service')
        object.metadata.annotations = { ...object.metadata.annotations, [RS_WEIGHT]: former };
      return object;
    },
  });
  const traffic = await stage.traffic();
  const was = await stage.annotations();
  await stage.ok('drain', 'nginx', '0,1');
  await stage.patch('nginx', { metadata: { annotations: { [RS_WEIGHT]: '{"defaultWeight":10,"groups":[' } } });
  assert.deepEqual(
    (await shown(stage)).map((row) => row.split(' ')[1]),
    Array.from({ length: 4 }, () => '<unknown>'),
  );
  const env = await barely(stage, ['get', 'patch']);
  cluster.cloud.resetCalls();

  await assertUnwritten(
    stage,
    OUT,
    { code: 4, says: [/annotation-parses: service\/nginx/, /--weights-only --force/] },
    { env },
  );
  const ran = await stage.run([...OUT, '--force'], { env });
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stdout, /^service\/nginx mended \(the kept annotation is back\)$/m);
  assert.match(ran.stderr, /^service\/nginx TCP\/80: weight 20 for 0-3; serving: 0-3$/m);
  assert.match(ran.stderr, /no event was written on statefulset\/nginx: .*events is forbidden/);
  assert.deepEqual(await stage.annotations(), was);
  assert.deepEqual(cluster.cloud.calls, {}, 'the cloud was not asked anything');

  await stage.until('the load balancer follows', async () => (await shown(stage)).every((row) => / 20 20$/.test(row)));
  assert.deepEqual((await traffic.stop()).lost, []);
});

test('an annotation that is not damaged goes back without --force, and once more changes nothing', async (t) => {
  const stage = await openStage(t, cluster, { replicas: 2 });
  const env = await barely(stage, ['get', 'patch']);
  const was = await stage.annotations();
  await stage.ok('drain', 'nginx', '0');
  const ran = await stage.run(OUT, { env });
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stderr, /^service\/nginx TCP\/80: weight 10 for 0,1; serving: 0,1$/m);
  assert.deepEqual(await stage.annotations(), was);
  const again = await stage.run([...OUT, '--force'], { env });
  assert.deepEqual([again.code, again.stdout.includes('already restored')], [0, true], again.stdout + again.stderr);
});

test('each of its permissions is needed: without patch it is forbidden, in the words of the server, and nothing is written', async (t) => {
  const stage = await openStage(t, cluster, { replicas: 2 });
  await stage.ok('drain', 'nginx', '0');
  // The version alone would not tell: the service-controller may still be writing its own annotations after the drain.
  for (const verbs of [['get'], ['patch']]) {
    const env = await barely(stage, verbs);
    const says = [/services "nginx" is forbidden/];
    await assertUnwritten(stage, OUT, { code: 1, says }, { env });
  }
});
