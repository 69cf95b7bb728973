import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { planScript } from '../../../lib/core/plan/script.ts';
import { list } from '../../../lib/core/values/read.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { plan } from '../../../lib/flows/verbs/plan.ts';
import { planSummary } from '../../../lib/output/results/plan-summary.ts';
import { NODES } from '../../../lib/ports/resources.ts';
import { nodeOf, onNodes, record } from '../rehearsal/on-nodes.ts';
import { annotation, common, deletions } from '../rehearsal/rehearsal.ts';
import { take } from '../rehearsal/take-words.ts';

const nodes = ['n1'];
const wish = {
  ...{ ...common, images: {}, batch: 2, surge: 0, soakMs: 0, stableForMs: 10_000, countingWords: [] },
  nodes,
};

describe('a plan with --node', () => {
  it('is of the pods on the node, and its script empties the node, and may be run again', async () => {
    const rehearsal = onNodes();
    const { details, refusals } = await plan(rehearsal.world, { ...wish, batch: 1, surge: 1 });
    assert.deepEqual(refusals, []);
    assert.deepEqual([details.batches, details.nodes], [[[0], [2]], ['n1']]);
    assert.deepEqual(rehearsal.kube.writes, []);
    assert.match(
      planScript(details),
      /^kubectl patch statefulset\/nginx .*leaving-nodes.*n1.* # look: the pods on node n1 are due/m,
    );
    for (const { words } of details.steps) await take(rehearsal, words);
    assert.deepEqual(deletions(rehearsal), ['nginx-0', 'nginx-2']);
    assert.deepEqual(
      [0, 1, 2, 3].map((ordinal) => nodeOf(rehearsal, `nginx-${ordinal}`)),
      ['n2', 'n2', 'n2', 'n2'],
    );
    assert.deepEqual([record(rehearsal), annotation(rehearsal)], [undefined, undefined]);
    for (const { words } of details.steps) await take(rehearsal, words);
    assert.equal(deletions(rehearsal).length, 2, 'nothing is done twice');
    assert.equal(record(rehearsal), undefined);
  });

  it('names what an upgrade would be refused for: a node that takes pods, or none of that name', async () => {
    const open = await plan(onNodes({ cordoned: false }).world, wish);
    assert.deepEqual(
      open.refusals.map(({ rule, message }) => `${rule}: ${message.slice(0, 27)}`),
      ['node-cordoned: node n1 is not cordoned: a '],
    );
    const strange = await plan(onNodes().world, { ...wish, nodes: ['n9'] });
    assert.deepEqual(
      strange.refusals.map(({ message }) => message),
      ['there is no node n9'],
    );
    assert.deepEqual(strange.details.steps, []);
  });

  it('as a Job may read that node and the volumes that the pods claim, and nothing else that is of no namespace', async () => {
    const credentials = { kind: 'secret', name: 'key' } as const;
    const job = { engine: 'job', image: 'zeroloss:v1', credentials, words: ['--node=n1'] } as const;
    for (const [claims, expected] of [
      [[], [['nodes', ['n1']]]],
      [
        ['data-nginx-0', 'data-nginx-3', 'data-other-0'],
        [
          ['nodes', ['n1']],
          ['persistentvolumes', ['pv-of-data-nginx-0', 'pv-of-data-nginx-3']],
        ],
      ],
    ] as const) {
      const { world, kube } = onNodes({ claims: claims.length > 0 });
      for (const name of claims)
        kube.put({
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: { name, namespace: 'default' },
          spec: { volumeName: `pv-of-${name}` },
        });
      const { details } = await plan(world, { ...wish, job });
      const role = details.manifest?.find(({ kind }) => kind === 'ClusterRole');
      assert.deepEqual(
        list(role, 'rules').map((rule) => [list(rule, 'resources')[0], list(rule, 'resourceNames')]),
        expected,
      );
    }
    const { nodes: _nodes, ...plain } = wish;
    const { details } = await plan(onNodes().world, { ...plain, job: { ...job, words: [] } });
    assert.ok(!details.manifest?.some(({ kind }) => String(kind).startsWith('Cluster')));
  });

  it('of a node without a pod of the StatefulSet says that there is none', async () => {
    const { details } = await plan(onNodes().world, { ...wish, nodes: ['n3'] });
    assert.equal(planSummary(details), 'nothing to do: every pod is updated, and none is on node n3');
  });

  it('without it names what keeps the pods on a node that another command has begun to empty', async () => {
    const rehearsal = onNodes();
    await drain(rehearsal.world, { ...common, ordinals: [], nodes });
    rehearsal.kube.edit(NODES, 'n1', (object) => {
      object['spec'] = {};
    });
    const { nodes: _nodes, ...plain } = wish;
    assert.deepEqual(
      (await plan(rehearsal.world, plain)).refusals.map(({ rule }) => rule),
      ['node-cordoned'],
    );
  });
});
