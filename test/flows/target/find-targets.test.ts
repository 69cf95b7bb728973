import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConnectionError, StatusError, UsageError } from '../../../lib/core/errors.ts';
import type { Asked } from '../../../lib/core/intent/target-place.ts';
import type { StatusOfMany } from '../../../lib/core/status/status-view.ts';
import { eachTarget, worstOf } from '../../../lib/flows/target/each-target.ts';
import { findTargets } from '../../../lib/flows/target/find-targets.ts';
import { checkOf } from '../../../lib/flows/verbs/check-of.ts';
import { statusOf } from '../../../lib/flows/verbs/status-of.ts';
import type { KubeObject, World } from '../../../lib/ports.ts';
import { service, statefulSet } from '../../builders.ts';
import { wish } from '../check/cases.ts';
import { common, rehearse } from '../rehearsal/rehearsal.ts';

const inBlue = (object: KubeObject): KubeObject => ({ ...object, metadata: { ...object.metadata, namespace: 'blue' } });

/** `nginx` and a database in namespace default, `nginx` again and Deployment `web` in namespace blue, all in one cluster. */
function cluster(context = 'north') {
  const here = rehearse({ set: { labels: { tier: 'gateway' } }, replicas: 2 });
  const there = rehearse({ set: { labels: { tier: 'gateway' } }, replicas: 1 });
  const database = statefulSet({
    name: 'db',
    replicas: 1,
    merge: { spec: { template: { metadata: { labels: { app: 'db' } } } } },
  });
  const web = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'blue', labels: { tier: 'gateway' } },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'nginx' } },
      template: { metadata: { labels: { app: 'nginx' } } },
    },
  };
  for (const object of [database, inBlue(statefulSet({ labels: { tier: 'gateway' } })), inBlue(service()), web])
    here.kube.put(object);
  const blue: World = { ...there.world, kube: there.kube, place: { context, server: '' } };
  const world: World = { ...here.world, place: { context, server: '' }, within: () => blue };
  return { world, here, there };
}

const found = async (world: World, asked: Partial<Asked>, deployments = true) =>
  (await findTargets(world, { targets: [], ...asked }, { deployments })).found.map(
    ({ place, kind = 'statefulset', name }) => `${place.context} ${place.namespace} ${kind}/${name}`,
  );

describe('the targets of a verb that looks at several', () => {
  it('of all namespaces are those that a load balancer sends to, of every kind that the verb takes', async () => {
    const { world, here } = cluster();
    const blue = ['north blue statefulset/nginx', 'north blue deployment/web'];
    assert.deepEqual(await found(world, { everywhere: true }), [...blue, 'north default statefulset/nginx']);
    assert.match(here.report.text, /1 left out: no Service of type LoadBalancer selects their pods/);
    assert.deepEqual(await found(world, { everywhere: true }, false), [
      'north blue statefulset/nginx',
      'north default statefulset/nginx',
    ]);
  });

  it('with labels are all that have them, in this namespace or everywhere', async () => {
    const { world } = cluster();
    assert.deepEqual(await found(world, { selector: 'tier=gateway' }), ['north default statefulset/nginx']);
    assert.equal((await found(world, { selector: 'tier=gateway', everywhere: true })).length, 3);
    await assert.rejects(
      found(world, { selector: 'tier=none', everywhere: true }),
      (error: unknown) =>
        error instanceof UsageError && /^no StatefulSet or Deployment of any namespace/.test(error.message),
    );
  });

  for (const resource of ['statefulsets', 'services'])
    it(`of all namespaces are refused with the ClusterRole that is missing, where ${resource} may be listed in one namespace alone`, async () => {
      const { world, here } = cluster();
      const message = `${resource} is forbidden: User "laura" cannot list resource "${resource}" at the cluster scope`;
      here.kube.failNext({ verb: 'list', resource }, new StatusError(403, 'Forbidden', message));
      await assert.rejects(found(world, { everywhere: true }), (error: unknown) => {
        assert.ok(error instanceof StatusError && error.message.includes(message));
        assert.match(error.hint ?? '', new RegExp(`^-A lists ${resource} in all namespaces, and you may not; `));
        assert.match(error.hint ?? '', /^ask an administrator: .*ClusterRole kubectl-zeroloss-look-everywhere /m);
        return true;
      });
    });

  it('by name are looked at in every cluster, and a cluster that cannot be reached is named and hides no other', async () => {
    const [{ world }, south] = [cluster(), cluster('south')];
    const error = new ConnectionError('no cluster gone');
    world.clusters = [
      { context: 'north', world },
      { context: 'gone', error },
      { context: 'south', world: south.world },
    ];
    const all = await findTargets(world, { targets: [{ name: 'nginx' }] }, { deployments: true });
    assert.deepEqual(
      all.found.map(({ place }) => place),
      [
        { context: 'north', namespace: 'default' },
        { context: 'south', namespace: 'default' },
      ],
    );
    assert.deepEqual(all.unreached, [{ context: 'gone', error }]);
    const { name: _one, ...ask } = wish;
    const checked = await checkOf(world, { ...ask, targets: [{ name: 'nginx' }] });
    assert.equal(checked.exitCode, 1);
    assert.match(String(checked.message), /^1 of 3 failed: context gone \(no cluster gone\)$/);
    assert.deepEqual(checked.next.map(String), [
      'kubectl zeroloss plan nginx -n default --context north',
      'kubectl zeroloss plan nginx -n default --context south',
    ]);
  });

  it('are each shown for themselves: one that is not there is an error of its own, and the worst exit code counts', async () => {
    const { world } = cluster();
    const { name: _one, ...ask } = common;
    const outcome = await statusOf(world, { ...ask, names: ['nosuch', 'nginx'] });
    assert.equal(outcome.exitCode, 1);
    const details = outcome.details as StatusOfMany;
    assert.deepEqual(
      details.targets.map(({ name, error, rows }) => [name, error !== undefined, rows.length]),
      [
        ['nosuch', true, 0],
        ['nginx', false, 2],
      ],
    );
    assert.match(
      String(outcome.message),
      /^1 of 2 cannot be shown: nosuch: .*not found\nhint: kubectl get statefulsets .*\nnginx: /,
    );
  });
});

describe('looks at several', () => {
  it('run four at once, keep their order, and end with the worst exit code', async () => {
    const { world } = cluster();
    const targets = Array.from({ length: 11 }, (_, index) => ({
      name: String(index),
      place: { context: '', namespace: 'default' },
      world,
    }));
    let [now, most] = [0, 0];
    const names = await eachTarget(
      world,
      targets,
      0,
      async ({ name }) => {
        now += 1;
        most = Math.max(most, now);
        await new Promise(setImmediate);
        now -= 1;
        if (name === '3') throw new ConnectionError('no');
        return name;
      },
      ({ name }, { message }) => `${name} ${message}`,
    );
    assert.equal(most, 4);
    assert.deepEqual(
      names,
      targets.map(({ name }) => (name === '3' ? '3 no' : name)),
    );
    assert.deepEqual([worstOf([]), worstOf([0, 4, 6]), worstOf([4, 1, 0]), worstOf([6, 2])], [0, 6, 1, 2]);
  });
});
