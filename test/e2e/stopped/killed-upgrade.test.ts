/**
 * `upgrade` killed with SIGKILL before and after each of its writes, and as each of its steps begins: the same command,
 * typed again and again, goes on from there, and takes three pods and a surplus one to the end without a lost connection.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import { FAST, NEW_IMAGE, openStage, type Stage } from '../stage/stage.ts';
import { type KillChain, killAtEachStep, killAtEachWrite } from '../stage/trouble/kill-chain.ts';
import { openWriteGate, type Write, type WriteGate } from '../stage/trouble/write-gate.ts';
import { watchUids } from '../stage/watch-uids.ts';

let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

const UPGRADE = ['upgrade', 'nginx', '--image', `nginx=${NEW_IMAGE}`, '--surge', '1', '--yes', ...FAST];
type Test = { after(done: () => void | Promise<void>): void; diagnostic(message: string): void };

const isAbout = ({ path }: Write, plural: string): boolean => path.includes(`/${plural}`);
/** The lease and the events are the upgrade's own affair: the state of the cluster does not hang on them. */
const isChange = (write: Write): boolean => !isAbout(write, 'events') && !isAbout(write, 'leases');

/** The parts that an upgrade leaves as they were: everything of ours, and the number of replicas. */
async function surroundings(stage: Stage) {
  const set = await stage.set();
  return {
    service: await stage.annotations(),
    set: set.metadata.annotations ?? {},
    replicas: (set['spec'] as { replicas?: number }).replicas,
  };
}

async function upgradeKilled(t: Test, chain: (stage: Stage, gate: WriteGate) => Promise<KillChain>): Promise<string[]> {
  const stage = await openStage(t, cluster, { replicas: 3 });
  const gate = await openWriteGate(cluster.kubeconfig);
  t.after(() => gate.close());
  const was = await surroundings(stage);
  const traffic = await stage.traffic();
  const seen = await watchUids(t, stage);

  const { kills } = await chain(stage, gate);

  await stage.settled(3);
  assert.deepEqual(await surroundings(stage), was);
  assert.deepEqual(new Set(Object.values(await stage.images())), new Set([NEW_IMAGE]));
  assert.deepEqual(
    [...seen].map(([name, uids]) => `${name}: ${uids.size}`).sort(),
    ['nginx-0: 2', 'nginx-1: 2', 'nginx-2: 2', 'nginx-3: 1'],
    'each pod was replaced once, and the surplus one was made once',
  );
  const again = await stage.run([...UPGRADE, '--server', gate.url]);
  assert.match(again.stdout, /already upgraded/, again.stderr);
  assert.deepEqual(
    gate.writes.filter(isChange).map(({ method, path }) => `${method} ${path}`),
    [],
  );
  const { lost, connections, streams } = await traffic.stop();
  assert.deepEqual(lost, []);
  t.diagnostic(`${kills.length} times killed, ${connections} connections, ${streams} streams, 0 lost`);
  return kills;
}

/**
 * Before and after each change that the upgrade makes. A run that was killed before a deletion may come to it later, when another
 * pod has been drained: it is then killed there once more, and that deletion counts once.
 */
function assertKilledAtEachChange(kills: readonly string[], serviceWrites: number): void {
  for (const moment of ['before', 'after']) {
    const at = kills.filter((kill) => kill.startsWith(moment));
    const each = (pattern: RegExp) => [...new Set(at.flatMap((kill) => pattern.exec(kill)?.[1] ?? []))].sort();
    assert.deepEqual(each(/ DELETE pods\/(nginx-\d)/), ['nginx-0', 'nginx-1', 'nginx-2'], at.join('\n'));
    assert.deepEqual(each(/ PATCH statefulsets\/nginx .*"replicas":(\d+)/), ['3', '4'], at.join('\n'));
    assert.equal(each(/ PATCH statefulsets\/nginx .*"image":("[^"]*")/).length, 1, at.join('\n'));
    assert.ok(at.filter((kill) => / PATCH services\/nginx /.test(kill)).length >= serviceWrites, at.join('\n'));
  }
}

describe('upgrade, killed and typed again', { concurrency: true }, () => {
  test('before and after each write to the StatefulSet, the Service and the pods', async (t) => {
    const kills = await upgradeKilled(t, (stage, gate) => killAtEachWrite(stage, gate, UPGRADE, isChange));
    // Each of four ordinals goes to 0 and gets its weight back, and when it was seen at 0 is remembered.
    assertKilledAtEachChange(kills, 12);
  });

  test('by a window of two, before and after each write to the StatefulSet, the Service and the pods', async (t) => {
    const words = [...UPGRADE, '--max-unavailable', '2'];
    const kills = await upgradeKilled(t, (stage, gate) => killAtEachWrite(stage, gate, words, isChange));
    // Two pods go to 0 in one write, the third as one comes back; the surplus at the end.
    assertKilledAtEachChange(kills, 6);
  });

  test('after each event, and before and after each write to the lease', async (t) => {
    const kills = await upgradeKilled(t, (stage, gate) =>
      killAtEachWrite(
        stage,
        gate,
        UPGRADE,
        (write, moment) => isAbout(write, 'leases') || (isAbout(write, 'events') && moment === 'after'),
      ),
    );
    for (const reason of ['Surged', 'ImageSet', 'Drained', 'Recreating', 'Recreated', 'Restored', 'Unsurged'])
      assert.ok(
        kills.some((kill) => kill.includes(`Zeroloss${reason}`)),
        `${reason} of ${kills.join('\n')}`,
      );
    assert.ok(kills.some((kill) => /^before POST .*leases/.test(kill)));
    assert.ok(kills.some((kill) => /^after PATCH leases/.test(kill)));
  });

  test('as each step begins', async (t) => {
    const STEP =
      /^(surge by|set image|drain |wait for zero|restore traffic|verify surplus|scale a surplus away|observing)/;
    const kills = await upgradeKilled(t, (stage) => killAtEachStep(stage, [...UPGRADE, '--soak', '1s'], STEP));
    assert.ok(kills.length >= 12, kills.join('\n'));
    assert.ok(
      kills.some((kill) => kill.includes('scale a surplus away')),
      kills.join('\n'),
    );
  });
});
