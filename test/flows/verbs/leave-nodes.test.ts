import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RefusedError, StatusError } from '../../../lib/core/errors.ts';
import { advance } from '../../../lib/flows/verbs/advance.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { recreate } from '../../../lib/flows/verbs/recreate.ts';
import { restore } from '../../../lib/flows/verbs/restore.ts';
import { status } from '../../../lib/flows/verbs/status.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { NODES, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { node, nodeOf, onNodes, record } from '../rehearsal/on-nodes.ts';
import { annotation, common, deletions, type Rehearsal, zero } from '../rehearsal/rehearsal.ts';

const nodes = ['n1'];
const replaces = { ...common, ...zero, evict: false, force: false };
const upgrades = {
  ...{ ...common, ...zero, images: {}, batch: 1, surge: 0, soakMs: 0, yes: true, takeOver: false, evict: false },
  nodes,
};

async function refused(rehearsal: Rehearsal, work: Promise<unknown>): Promise<string[]> {
  let found: readonly string[] = [];
  await assert.rejects(work, (error: unknown) => {
    assert.ok(error instanceof RefusedError, String(error));
    found = error.refusals.map(({ rule, message }) => `${rule}: ${message}`);
    return true;
  });
  assert.deepEqual(
    rehearsal.kube.writes.filter(({ resource }) => /^(services|statefulsets|pods)$/.test(resource)),
    [],
  );
  return [...found];
}

describe('the pods on a cordoned node', () => {
  it('are drained, recreated elsewhere and given back by the verbs, though no revision has changed', async () => {
    const rehearsal = onNodes();
    const { world } = rehearsal;
    const drained = await drain(world, { ...common, nodes, ordinals: [] });
    assert.match(annotation(rehearsal) ?? '', /"weight":0,"podIndexes":\[0,2\]/);
    assert.doesNotMatch(String(drained.message), /update revision/);
    assert.equal(record(rehearsal), 'n1');
    await assert.rejects(advance(world, common), (error: unknown) => {
      assert.ok(error instanceof RefusedError);
      assert.match(
        error.refusals[0]?.message ?? '',
        /nginx-0 of this batch is still on node n1, which is to be emptied/,
      );
      return true;
    });
    await recreate(world, { ...replaces, nodes });
    assert.deepEqual(deletions(rehearsal).sort(), ['nginx-0', 'nginx-2']);
    assert.equal(nodeOf(rehearsal, 'nginx-0'), 'n2');
    assert.equal((await advance(world, common)).exitCode, 3);
    await restore(world, { ...common, ...zero, weightsOnly: false });
    assert.equal(record(rehearsal), undefined);
    assert.equal(annotation(rehearsal), undefined);
  });

  it('are due for a recreate without --node too, once they are drained for it', async () => {
    const rehearsal = onNodes();
    await drain(rehearsal.world, { ...common, nodes, ordinals: [] });
    await recreate(rehearsal.world, replaces);
    assert.deepEqual(deletions(rehearsal).sort(), ['nginx-0', 'nginx-2']);
  });

  it('are named by status until they have left the node', async () => {
    const rehearsal = onNodes();
    await drain(rehearsal.world, { ...common, nodes, ordinals: [] });
    const { rows, notes } = (await status(rehearsal.world, { ...common })).details;
    assert.ok(
      rows.every(({ updated }) => updated === true),
      'their revision is the update revision',
    );
    assert.ok(
      notes.some((note) => /node n1 is to be emptied: nginx-0, nginx-2 still there/.test(String(note))),
      notes.join('\n'),
    );
  });

  it('are replaced by upgrade --node batch by batch, and no other pod is', async () => {
    const rehearsal = onNodes();
    await upgrade(rehearsal.world, upgrades);
    assert.deepEqual(deletions(rehearsal), ['nginx-0', 'nginx-2']);
    const texts = rehearsal.kube.writes.map(({ body }) => JSON.stringify(body));
    assert.ok(!texts.some((each) => /podIndexes\D*0,2/.test(each)), 'never both at once');
    assert.ok(texts.some((each) => each.includes('leaving-nodes":"n1"')));
    assert.equal(nodeOf(rehearsal, 'nginx-2'), 'n2');
    assert.equal(record(rehearsal), undefined);
    assert.equal(annotation(rehearsal), undefined);
  });

  it('are counted as off the node, and not as updated, which they all were before', async () => {
    const rehearsal = onNodes();
    rehearsal.source.counts.set('nginx-2', 1);
    await assert.rejects(upgrade(rehearsal.world, upgrades), (error: { hint?: string }) => {
      assert.match(error.hint ?? '', /where it stands: 3 of 4 pods are off node n1; ordinal 2 at weight 0/);
      assert.doesNotMatch(error.hint ?? '', /are updated/);
      return true;
    });
    assert.match(rehearsal.report.text, /\[1\/2\] ordinal 0: drained .* healthy {3}3 of 4 done/);
  });

  it('are replaced by the sliding window as well', async () => {
    const rehearsal = onNodes();
    await upgrade(rehearsal.world, { ...upgrades, maxUnavailable: { kind: 'count', count: 1 } });
    assert.deepEqual(deletions(rehearsal), ['nginx-0', 'nginx-2']);
  });

  it('are left alone by a dry run, which shows them', async () => {
    const rehearsal = onNodes();
    const { message } = await upgrade(rehearsal.world, { ...upgrades, dryRun: 'client' });
    assert.match(String(message), /the first step would be: drain 0/);
    await drain(rehearsal.world, { ...common, nodes, ordinals: [], dryRun: 'client' });
    assert.deepEqual(rehearsal.kube.writes, []);
  });

  it('stay where they are once restore has given everything back', async () => {
    const rehearsal = onNodes();
    await drain(rehearsal.world, { ...common, nodes, ordinals: [] });
    const { results } = await restore(rehearsal.world, { ...common, ...zero, weightsOnly: false });
    assert.ok(
      results.some(({ action, note }) => action === 'bookkeeping removed' && note === 'no node is to be emptied'),
    );
    assert.equal(record(rehearsal), undefined);
    const after = await upgrade(rehearsal.world, { ...upgrades, nodes: ['n3'], dryRun: 'client' });
    assert.match(String(after.message), /nothing/);
  });
});

describe('--node is refused, and nothing is written', () => {
  const three = (rehearsal: Rehearsal) => [
    () => drain(rehearsal.world, { ...common, nodes, ordinals: [] }),
    () => recreate(rehearsal.world, { ...replaces, nodes }),
    () => upgrade(rehearsal.world, upgrades),
  ];

  it('unless the node is cordoned', async () => {
    const rehearsal = onNodes({ cordoned: false });
    for (const work of three(rehearsal))
      assert.deepEqual(await refused(rehearsal, work()), [
        'node-cordoned: node n1 is not cordoned: a pod that is deleted there may come back there',
      ]);
  });

  it('names restore beside cordon where an earlier run noted the node, and what is typed now does not', async () => {
    const rehearsal = onNodes();
    await drain(rehearsal.world, { ...common, nodes, ordinals: [] });
    await restore(rehearsal.world, { ...common, ...zero, weightsOnly: true });
    rehearsal.kube.edit(NODES, 'n1', (object) => {
      object['spec'] = {};
    });
    const { nodes: _typed, ...later } = upgrades;
    const curesOf = async (work: Promise<unknown>): Promise<string[]> =>
      work.then(
        () => assert.fail('not refused'),
        (error: unknown) => (error as RefusedError).refusals.map(({ cure }) => String(cure)),
      );
    assert.deepEqual(await curesOf(upgrade(rehearsal.world, { ...later, restart: true })), [
      [
        'kubectl cordon n1   # then the same command again',
        'kubectl zeroloss restore nginx   # or: the node is no longer to be emptied; gives every weight back',
      ].join('\n'),
    ]);
    assert.deepEqual(await curesOf(upgrade(rehearsal.world, upgrades)), ['kubectl cordon n1']);
    await restore(rehearsal.world, { ...common, ...zero, weightsOnly: false });
    assert.equal(record(rehearsal), undefined);
  });

  it('where that cannot be read', async () => {
    const rehearsal = onNodes();
    const denied = new StatusError(403, 'Forbidden', 'nodes is forbidden');
    rehearsal.kube.failNext({ verb: 'list', resource: 'nodes' }, denied, 99);
    for (const work of three(rehearsal))
      assert.match(
        (await refused(rehearsal, work()))[0] ?? '',
        /node-cordoned: whether node n1 is cordoned is unknown/,
      );
  });

  it('where there is no such node: a typing error is no empty node', async () => {
    const rehearsal = onNodes();
    const typed = { nodes: ['n1', 'nope'] };
    for (const work of [
      () => drain(rehearsal.world, { ...common, ...typed, ordinals: [] }),
      () => recreate(rehearsal.world, { ...replaces, ...typed }),
      () => upgrade(rehearsal.world, { ...upgrades, ...typed }),
      () => upgrade(rehearsal.world, { ...upgrades, nodes: ['nope'] }),
    ])
      assert.deepEqual(await refused(rehearsal, work()), ['node-cordoned: there is no node nope']);
  });

  it('where a volume of a pod can be reached from that node alone', async () => {
    const affinity = (values: string[]) => ({
      required: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values }] }],
      },
    });
    const withVolume = (spec: object | undefined) => {
      const rehearsal = onNodes({ claims: true });
      rehearsal.kube.put({
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'data-nginx-0', namespace: 'default' },
        spec: { volumeName: 'pv-0' },
      });
      if (spec !== undefined)
        rehearsal.kube.put({ apiVersion: 'v1', kind: PERSISTENT_VOLUMES.kind, metadata: { name: 'pv-0' }, spec });
      return rehearsal;
    };
    const local = withVolume({ local: { path: '/data' }, nodeAffinity: affinity(['host-n1']) });
    assert.deepEqual(await refused(local, drain(local.world, { ...common, nodes, ordinals: [] })), [
      'volume-moves: nginx-0 cannot leave node n1: the volume pv-0 of its claim data-nginx-0 is there, and nowhere else',
    ]);
    const host = withVolume({ hostPath: { path: '/data' } });
    assert.match((await refused(host, upgrade(host.world, upgrades)))[0] ?? '', /^volume-moves/);
    const unknown = withVolume(undefined);
    assert.match(
      (await refused(unknown, upgrade(unknown.world, upgrades)))[0] ?? '',
      /volume-moves: whether the volume of claim data-nginx-0 can leave node n1 is unknown/,
    );
    const wide = withVolume({ csi: {}, nodeAffinity: affinity(['host-n1', 'host-n2']) });
    await upgrade(wide.world, upgrades);
    assert.deepEqual(deletions(wide), ['nginx-0', 'nginx-2']);
    assert.equal(PERSISTENT_VOLUME_CLAIMS.namespaced, true);
  });

  it('by the floor, where a node holds too many of the pods', async () => {
    const rehearsal = onNodes();
    const work = drain(rehearsal.world, { ...common, nodes, ordinals: [], minServing: { kind: 'count', count: 3 } });
    await assert.rejects(work, (error: unknown) => {
      assert.ok(error instanceof RefusedError);
      assert.match(error.refusals[0]?.message ?? '', /at most 1 at a time \(ordinal 0\)/);
      return true;
    });
    assert.equal(annotation(rehearsal), undefined);
    assert.equal(record(rehearsal), undefined, 'a refusal writes nothing');
  });

  it('by the floor of the replicas that stand there once the node is noted', async () => {
    const rehearsal = onNodes();
    const { kube } = rehearsal;
    let scaled = false;
    kube.beforeWrite(({ resource }) => {
      if (resource !== 'statefulsets' || scaled) return;
      scaled = true;
      kube.edit(STATEFUL_SETS, 'nginx', (set) => {
        set['spec'] = { ...(set['spec'] as object), replicas: 8 };
      });
    });
    await assert.rejects(drain(rehearsal.world, { ...common, nodes, ordinals: [] }), /the floor is 4/);
    assert.ok(scaled);
    assert.equal(annotation(rehearsal), undefined);
  });

  it('once more before the deletion: somebody has uncordoned the node', async () => {
    const rehearsal = onNodes();
    await drain(rehearsal.world, { ...common, nodes, ordinals: [] });
    rehearsal.kube.put(node('n1', false));
    await assert.rejects(recreate(rehearsal.world, replaces), /node n1 is not cordoned/);
    assert.deepEqual(deletions(rehearsal), []);
  });
});

it('a node without a pod of the StatefulSet is nothing to do, and leaves no record', async () => {
  const rehearsal = onNodes();
  const outcome = await drain(rehearsal.world, { ...common, nodes: ['n3'], ordinals: [] });
  assert.equal(outcome.message, 'no pod of statefulset/nginx is on node n3');
  assert.equal(outcome.changed, false);
  assert.equal(record(rehearsal), undefined);
});

it('a pod that comes back on the same node is named, and gets no traffic', async () => {
  const rehearsal = onNodes({ back: 'n1' });
  await drain(rehearsal.world, { ...common, nodes, ordinals: [] });
  await assert.rejects(recreate(rehearsal.world, replaces), /pod\/nginx-0 is on node n1, which is to be emptied/);
  assert.match(annotation(rehearsal) ?? '', /"weight":0,"podIndexes":\[0,2\]/);
  assert.equal(NODES.namespaced, false);
});
