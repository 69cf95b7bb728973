/** The questions and answers of `upgrade` at a terminal: before its first write, at a no, at a refusal and at a time-out. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import { FAST, NEW_IMAGE, openStage } from '../stage/stage.ts';
import { onTerminal } from '../stage/terminal.ts';
import { holdConnection } from '../stage/trouble/hold.ts';
import { openWriteGate } from '../stage/trouble/write-gate.ts';
import { assertUnwritten, writable } from '../stage/unwritten.ts';

let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

const upgrade = ['upgrade', 'nginx', '--image', `nginx=${NEW_IMAGE}`, ...FAST];

describe('upgrade, as a person meets it', { concurrency: true }, () => {
  test('asks once before its first write, with what plan knows; every answer but y leaves everything as it was', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 3 });
    const before = await writable(stage);
    for (const keys of [['n\n'], ['\n'], ['yes\n'], ['Y\n'], ['\u0004'], []]) {
      const { code, text } = await onTerminal(stage, [...upgrade, '--surge', '1'], keys);
      assert.equal(code, 6, text);
      assert.deepEqual(await writable(stage), before, text);
      assert.match(text, /cluster +https:\/\/\S+ \(context \S+\), namespace\s+stage-\d+/);
      assert.match(text, /load balancer +lb-\w+ \(service\/nginx\)/);
      assert.match(text, new RegExp(`image +nginx: \\S+ -> ${NEW_IMAGE}`));
      assert.match(
        text,
        /batches +3: 0 \| 1 \| 2\n +surge +1 more replica during the upgrade: ordinal 3\n +floor +at least 2 of 4/,
      );
      assert.match(text, /connections +(\d+ now|unknown)[^\n]*\n +minimum time +\d/);
      assert.match(text, /error: not started, nothing written/);
    }
  });

  test('a no at a later question ends with 6 and names what was written, the way on and the way back', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 3 });
    const { code, text } = await onTerminal(stage, upgrade, ['y\n', 'n\n']);
    assert.equal(code, 6, text);
    assert.match(text, /stopped before ordinal 1 \(answered no\)/);
    assert.match(text, /1 of 3 pods are updated; nothing is drained/);
    assert.match(text, /to go on: the same command/);
    assert.match(text, /to go back: kubectl zeroloss rollback nginx .*&& kubectl zeroloss upgrade nginx/);
    const images = Object.values(await stage.images()).filter((image) => image === NEW_IMAGE);
    assert.equal(images.length, 1);
  });

  test('with the image set beforehand the surplus gets no traffic before it has been verified', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 3 });
    const gate = await openWriteGate(cluster.kubeconfig);
    t.after(() => gate.close());
    await stage.setImage();
    const traffic = await stage.traffic();
    const words = ['upgrade', 'nginx', '--surge', '1', '--batch', '2', '--yes', ...FAST, '--server', gate.url];
    const ran = await stage.run(words, { timeoutMs: 120_000 });
    assert.equal(ran.code, 0, ran.stderr);
    const texts = gate.writes.map(({ body }) => body);
    const born = texts.findIndex((body) => body.includes('"replicas":4'));
    const dark = texts.findIndex((body) => body.includes('\\"podIndexes\\":[3]'));
    assert.ok(dark >= 0 && dark < born, texts.join('\n'));
    assert.match(ran.stdout, /^service\/nginx drained.*\n[\s\S]*statefulset\/nginx scaled back/m);
    assert.match(ran.stderr, /^\[2\/2\] ordinal 2: drained · zero after \S+ · recreated · healthy {3}3 of 3 updated$/m);
    assert.equal(ran.stderr.match(/counting by pod/g)?.length ?? 0, 1, ran.stderr);
    assert.deepEqual((await traffic.stop()).lost, []);
  });

  test('a batch that the floor can never allow is refused before the image is set', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 3 });
    const refused = { code: 4, says: [/nothing was written/, /at most 1 at a time/] };
    await assertUnwritten(stage, [...upgrade, '--batch', '20', '--yes'], refused);
  });

  test('a time-out reports the whole truth, in words and as data', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 3 });
    await holdConnection(t, stage, 'nginx-0');
    const words = [...upgrade, '--yes', '--batch', '1', '--timeout', '8s'];
    const ran = await stage.run([...words, '-o', 'json']);
    assert.equal(ran.code, 6, ran.stderr);
    assert.match(ran.stderr, /hint: where it stands: 0 of 3 pods are updated; ordinal 0 at weight 0/);
    assert.doesNotMatch(ran.stderr, /no weight was changed/);
    const data = JSON.parse(ran.stdout);
    assert.equal(data.changed, true);
    const done = data.results.map(({ object, action }: { object: string; action: string }) => `${object} ${action}`);
    assert.ok(done.includes('statefulset/nginx image set') && done.includes('service/nginx drained'), done.join());
    await stage.ok('restore', 'nginx', '--weights-only');
  });
});
