/** The roles of deploy/ by real processes: a whole upgrade by somebody who has nothing else, and the cloud calls that it makes. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { CheckDetails } from '../../../lib/core/check/findings.ts';
import { REQUIRED_ACTIONS } from '../../../lib/core/safety/required-access.ts';
import { CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES } from '../../../lib/ports/resources.ts';
import { named, rbacObjects } from '../../deploy/manifests.ts';
import { roleBinding } from '../../role-binding.ts';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import { onlyRole } from '../stage/role-user.ts';
import { FAST, NEW_IMAGE, openStage } from '../stage/stage.ts';

let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

const findingsOf = (stdout: string): CheckDetails => (JSON.parse(stdout) as { details: CheckDetails }).details;

test('the role to operate is enough for a whole upgrade, and the cloud policy for its calls', async (t) => {
  const stage = await openStage(t, cluster, { replicas: 2 });
  const env = await onlyRole(cluster, stage, 'kubectl-zeroloss-operate', 'oscar');
  const run = async (...words: string[]) => {
    const ran = await stage.run(words, { env });
    assert.ok(ran.code === 0 || (words[0] === 'advance' && ran.code === 3), `${words.join(' ')}: ${ran.stderr}`);
    assert.doesNotMatch(ran.stderr, /forbidden/i, words.join(' '));
    return ran;
  };
  cluster.cloud.resetCalls();
  const { findings, counts } = findingsOf((await run('check', 'nginx', '-o', 'json')).stdout);
  assert.equal(counts.FAIL, 0);
  // Only what lies outside the namespace is missing.
  const denied = findings.filter(({ group, level }) => group === 'cluster permissions' && level !== 'OK');
  assert.deepEqual(
    denied.map(({ level, message }) => [level, /you may not (\S+ \S+)/.exec(message)?.[1]]),
    [
      ['WARN', 'list nodes'],
      ['WARN', 'get persistentvolumes'],
      ['WARN', 'get configmaps'],
    ],
  );

  await stage.setImage();
  await run('surge', 'nginx', '1');
  await run('drain', 'nginx', '0');
  for (let code: number | undefined = 0; code === 0; ) {
    await run('status', 'nginx');
    await run('wait-zero', 'nginx', ...FAST);
    await run('recreate', 'nginx', ...FAST);
    code = (await run('advance', 'nginx')).code;
  }
  await run('verify', 'nginx');
  await run('wait-zero', 'nginx', ...FAST);
  await run('restore', 'nginx', ...FAST);
  assert.deepEqual(await stage.images(), { 'nginx-0': NEW_IMAGE, 'nginx-1': NEW_IMAGE });

  const allowed = new Set(REQUIRED_ACTIONS.map(({ action }) => action.replace(/^.*:/, '')));
  const called = Object.keys(cluster.cloud.calls);
  assert.deepEqual(
    called.filter((action) => !allowed.has(action)),
    [],
  );
  assert.ok(called.includes('DescribeTargets') && called.includes('GetMonitorData'));
});

test('the role to look is enough to check and to see, and check says what is missing to operate', async (t) => {
  const stage = await openStage(t, cluster, { replicas: 2 });
  const env = await onlyRole(cluster, stage, 'kubectl-zeroloss-look', 'laura');
  const checked = await stage.run(['check', 'nginx', '-o', 'json'], { env });
  assert.equal(checked.code, 4);
  const failed = findingsOf(checked.stdout).findings.filter(
    ({ group, level }) => group === 'cluster permissions' && level === 'FAIL',
  );
  assert.deepEqual(
    failed.map(({ message }) => /you may not (\S+ \S+)/.exec(message)?.[1]),
    ['patch services', 'delete pods'],
  );
  assert.ok(failed.every(({ cure }) => String(cure).includes('deploy/rbac.yaml')));
  assert.equal((await stage.run(['status', 'nginx'], { env })).code, 0);
  const drained = await stage.run(['drain', 'nginx', '0'], { env });
  assert.equal(drained.code, 1);
  assert.match(drained.stderr, /services "nginx" is forbidden/);
  assert.equal(await stage.weights(), undefined);
});

test('the ClusterRole to look everywhere is enough for -A, which without it names that role, and writes nothing', async (t) => {
  const [one, two] = [await openStage(t, cluster, { replicas: 2 }), await openStage(t, cluster, { replicas: 1 })];
  const env = await onlyRole(cluster, one, 'kubectl-zeroloss-look', 'walter');
  const verbs = [['status'], ['check'], ['plan', '--restart']];
  for (const words of verbs) {
    const refused = await one.run([...words, '-A'], { env });
    assert.equal(refused.code, 1, refused.stderr);
    assert.match(refused.stderr, /statefulsets.* is forbidden: User "walter" cannot list .* at the cluster scope/);
    assert.match(
      refused.stderr,
      /^hint: -A lists statefulsets in all namespaces, and you may not; in one namespace: /m,
    );
    assert.match(refused.stderr, /kubectl .*apply -n \S+ -f deploy\/rbac\.yaml .*kubectl-zeroloss-look-everywhere/);
  }

  const role = 'kubectl-zeroloss-look-everywhere';
  await cluster.kube.create(CLUSTER_ROLES, named(await rbacObjects(), role));
  const binding = roleBinding(role, { kind: 'ClusterRole', name: role }, { kind: 'User', name: 'walter' });
  await cluster.kube.create(CLUSTER_ROLE_BINDINGS, binding);
  for (const words of verbs) {
    const ran = await one.run([...words, '-A', '-o', 'json'], { env });
    // Other stages may be there, and check fails on what only an operator may do.
    assert.ok(ran.code === 0 || (words[0] === 'check' && ran.code === 4), ran.stderr);
    assert.doesNotMatch(ran.stderr, /forbidden/i, words.join(' '));
    const { details } = JSON.parse(ran.stdout) as { details: { targets: { namespace: string; error?: string }[] } };
    for (const { namespace } of [one, two]) {
      const found = details.targets.find((each) => each.namespace === namespace);
      assert.deepEqual([found?.namespace, found?.error], [namespace, undefined], words.join(' '));
    }
  }
  const drained = await one.run(['drain', 'nginx', '0'], { env });
  assert.equal(drained.code, 1, drained.stderr);
  assert.match(drained.stderr, /cannot patch resource "services"/);
});
