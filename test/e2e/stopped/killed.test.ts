/** Killed with SIGKILL at a write and run again, every verb ends where it would have ended, and does nothing twice. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import { guideText } from '../stage/guide-text.ts';
import { FAST, openStage, type Stage } from '../stage/stage.ts';
import { killAt } from '../stage/trouble/kill.ts';
import { openWriteGate, type WriteGate } from '../stage/trouble/write-gate.ts';
import { watchUids } from '../stage/watch-uids.ts';

let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

async function openGate(t: { after(done: () => Promise<void>): void }): Promise<WriteGate> {
  const gate = await openWriteGate(cluster.kubeconfig);
  t.after(() => gate.close());
  return gate;
}

/** The write with this number. */
const nth = (index: number) => (write: { index: number }) => write.index === index;

/**
 * Kills the verb before its first write, then after each of its writes in turn (which the server cannot tell from before
 * the next); `again` runs between, and has to bring the stage back. Answers how many writes there are.
 */
async function killAtEveryWrite(
  stage: Stage,
  gate: WriteGate,
  words: readonly string[],
  again: (point: string) => Promise<void>,
): Promise<number> {
  await killAt(stage, gate, words, { moment: 'before', at: nth(1) });
  await again('killed before its first write');
  for (let index = 1; ; index += 1) {
    const taken = await killAt(stage, gate, words, { moment: 'after', at: nth(index) });
    if (taken === undefined) return index - 1;
    await again(`killed after [${taken.join(', ')}]`);
  }
}

describe('killed at a write and run again', { concurrency: true }, () => {
  test('drain ends with the guide’s text and its bookkeeping, after any last write', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 2 });
    const gate = await openGate(t);
    const before = await stage.annotations();
    const writes = await killAtEveryWrite(stage, gate, ['drain', 'nginx', '0'], async (point) => {
      await stage.ok('drain', 'nginx', '0');
      const annotations = await stage.annotations();
      assert.equal(await stage.weights(), guideText([0]), point);
      assert.equal(annotations['nginx.kubectl-zeroloss/former-lb-rs-weight'], '', point);
      await stage.ok('restore', 'nginx');
      assert.deepEqual(await stage.annotations(), before, point);
    });
    assert.ok(writes >= 2, 'the weights and an event at least');
  });

  test('restore ends with the annotation from before the first drain, after any last write', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 2, second: { name: 'nginx-internal', port: 8080 } });
    const gate = await openGate(t);
    const before = [await stage.annotations(), await stage.annotations('nginx-internal')];
    await stage.ok('drain', 'nginx', '0');
    const writes = await killAtEveryWrite(stage, gate, ['restore', 'nginx'], async (point) => {
      await stage.ok('restore', 'nginx');
      assert.deepEqual([await stage.annotations(), await stage.annotations('nginx-internal')], before, point);
      await stage.ok('drain', 'nginx', '0');
    });
    assert.ok(writes >= 2, 'one write for each Service at least');
  });

  test('advance between two Services finishes the batch that it had chosen, and begins no other', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 4, second: { name: 'nginx-internal', port: 8080 } });
    const gate = await openGate(t);
    await stage.setImage();
    await stage.replace('nginx-0');

    for (const index of [1, 2]) {
      await stage.ok('drain', 'nginx', '0');
      const taken = await killAt(stage, gate, ['advance', 'nginx'], { moment: 'after', at: nth(index) });
      assert.equal(taken?.length, index);
      const texts = [await stage.weights(), await stage.weights('nginx-internal')];
      assert.equal(texts.filter((text) => text?.includes('[1]')).length, index);
      // Where both Services already say so, advance knows its own work and does not go past it.
      const again = await stage.ok('advance', 'nginx');
      assert.match(again.stdout, index === 1 ? /advanced/ : /already advanced/);
      assert.deepEqual(
        [await stage.weights(), await stage.weights('nginx-internal')],
        [guideText([1]), guideText([1], [8080])],
      );
      await stage.ok('restore', 'nginx');
    }
  });

  test('recreate deletes each pod of the batch once, and no connection is lost', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 4 });
    const gate = await openGate(t);
    const traffic = await stage.traffic();
    const seen = await watchUids(t, stage);
    await stage.setImage();
    const isDelete = (write: { method: string }) => write.method === 'DELETE';

    await stage.ok('drain', 'nginx', '0,1');
    const waiting = stage.start(['wait-zero', 'nginx', ...FAST]);
    await stage.until('wait-zero says what it waits for', async () => waiting.stderrSoFar().includes('nginx-'));
    waiting.kill('SIGKILL');
    assert.equal((await waiting.ended).code, undefined);
    await stage.ok('wait-zero', 'nginx', ...FAST);

    const words = ['recreate', 'nginx', ...FAST];
    const first = await killAt(stage, gate, words, { moment: 'after', at: isDelete });
    assert.equal(first?.filter((each) => each.startsWith('DELETE')).length, 1, String(first));
    await stage.ok(...words);
    await stage.ok('advance', 'nginx');
    await stage.ok('wait-zero', 'nginx', ...FAST);

    let deletes = 0;
    const isSecondDelete = (write: { method: string }): boolean => isDelete(write) && ++deletes === 2;
    const second = await killAt(stage, gate, words, { moment: 'after', at: isSecondDelete });
    assert.equal(second?.filter((each) => each.startsWith('DELETE')).length, 2, String(second));
    const again = await stage.ok(...words);
    assert.equal(again.stdout.match(/already updated/g)?.length, 2, again.stdout);
    await stage.ok('restore', 'nginx');

    assert.deepEqual(
      [...seen].map(([name, uids]) => `${name}: ${uids.size}`).sort(),
      [0, 1, 2, 3].map((ordinal) => `nginx-${ordinal}: 2`),
    );
    assert.equal(await stage.weights(), undefined);
    assert.deepEqual((await traffic.stop()).lost, []);
  });
});
