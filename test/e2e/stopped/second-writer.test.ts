/** Somebody else writes to the same Service: nothing of theirs is overwritten, and every write is planned on what is there. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { SERVICES } from '../../../lib/ports/resources.ts';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import { guideText } from '../stage/guide-text.ts';
import { openStage, RS_WEIGHT, type Stage } from '../stage/stage.ts';
import { openWriteGate, type Write, type WriteGate } from '../stage/trouble/write-gate.ts';

let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

const isWeightWrite = ({ method, path, body }: Write): boolean =>
  method === 'PATCH' && path.includes('/services/') && body.includes(RS_WEIGHT);

async function openGate(t: { after(done: () => Promise<void>): void }): Promise<WriteGate> {
  const gate = await openWriteGate(cluster.kubeconfig);
  t.after(() => gate.close());
  return gate;
}

/** Labels the Service until the signal; answers how often it did. */
function hammer(stage: Stage): () => Promise<number> {
  let stopped = false;
  const work = async () => {
    for (let count = 1; ; count += 1) {
      await stage.patch('nginx', {
        metadata: { labels: { count: String(count) }, annotations: { [`example.com/n${count % 5}`]: String(count) } },
      });
      if (stopped) return count;
    }
  };
  const working = work();
  return () => {
    stopped = true;
    return working;
  };
}

describe('a second writer', { concurrency: true }, () => {
  test('between reading and writing makes drain read again and keep what they wrote', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 2 });
    const gate = await openGate(t);
    const theirs = {
      defaultWeight: 7,
      groups: [
        {
          key: { proto: 'TCP', port: 443 },
          statefulSets: [{ name: 'web', weights: [{ weight: 3, podIndexes: [1] }] }],
        },
      ],
    };
    let meddled = false;
    gate.hook = async (write, moment) => {
      if (meddled || moment !== 'before' || !isWeightWrite(write)) return;
      meddled = true;
      await stage.patch('nginx', { metadata: { annotations: { [RS_WEIGHT]: JSON.stringify(theirs) } } });
    };
    const drained = await stage.run(['drain', 'nginx', '0', '--server', gate.url]);
    assert.equal(drained.code, 0, drained.stderr);
    // The service-controller writes to the Service too, and may come between once more.
    assert.ok(gate.writes.filter(isWeightWrite).length >= 2, 'the first write was in vain');
    const now = JSON.parse((await stage.weights()) ?? '');
    assert.equal(now.defaultWeight, 7);
    assert.deepEqual(now.groups[0], theirs.groups[0]);
    assert.deepEqual(now.groups[1].statefulSets[0].weights, [{ weight: 0, podIndexes: [0] }]);
    await stage.ok('restore', 'nginx');
    assert.equal(await stage.weights(), JSON.stringify(theirs));
  });

  test('another writer that wins five races in a row ends drain with exit code 5, and nothing of theirs is lost', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 2 });
    const gate = await openGate(t);
    let races = 0;
    gate.hook = async (write, moment) => {
      if (moment !== 'before' || !isWeightWrite(write)) return;
      races += 1;
      await stage.patch('nginx', { metadata: { labels: { races: String(races) } } });
    };
    const drained = await stage.run(['drain', 'nginx', '0', '--server', gate.url]);
    assert.deepEqual([drained.code, drained.stdout, races], [5, '', 5], drained.stderr);
    assert.match(
      drained.stderr,
      /^error: .*changed by another writer 5 times in a row; their changes were not overwritten$/m,
    );
    assert.match(drained.stderr, /^hint: run the same command again$/m);
    assert.equal(await stage.weights(), undefined);
    assert.equal((await stage.service()).metadata.labels?.['races'], '5');
  });

  test('another writer that writes all the time only delays drain, and keeps every write', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 2 });
    const stop = hammer(stage);
    const drained = await stage.run(['drain', 'nginx', '0']);
    const count = await stop();
    assert.ok(drained.code === 0 || drained.code === 5, `${drained.code}: ${drained.stderr}`);
    const service = await cluster.kube.get(SERVICES, 'nginx', { namespace: stage.namespace });
    assert.equal(service.metadata.labels?.['count'], String(count));
    for (let last = Math.max(1, count - 4); last <= count; last += 1) {
      assert.equal(service.metadata.annotations?.[`example.com/n${last % 5}`], String(last));
    }
    await stage.ok('drain', 'nginx', '0');
    assert.equal(await stage.weights(), guideText([0]));
  });
});
