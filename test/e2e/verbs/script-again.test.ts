/** A generated script may be stopped behind any line and run again from the first. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { number } from '../../../lib/core/values/read.ts';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import { startProgram } from '../stage/plugin.ts';
import { FAST, NEW_IMAGE, openStage } from '../stage/stage.ts';

let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

/** UIDs by pod name, of two replicas and a surge of one. */
function assertReplacedOnce(seen: ReadonlyMap<string, ReadonlySet<string>>): void {
  assert.deepEqual(
    [...seen].map(([name, uids]) => `${name}: ${uids.size}`),
    ['nginx-0: 2', 'nginx-1: 2', 'nginx-2: 1'],
    'each pod was replaced once, and one surplus pod was made',
  );
}

test('a script that is stopped behind any of its lines and run again from the first ends as if it had never been stopped', async (t) => {
  const stage = await openStage(t, cluster, { replicas: 2 });
  const before = await stage.annotations();
  const words = ['plan', 'nginx', '--image', `nginx=${NEW_IMAGE}`, '--surge', '1', ...FAST, '-o', 'sh'];
  const { stdout } = await stage.ok(...words);
  const lines = stdout.split('\n').filter((line) => line.startsWith('kubectl '));
  assert.ok(
    lines.every((line) => / --context=\S+ /.test(line)),
    'the context is pinned',
  );
  assert.ok(lines.some((line) => /advance nginx --from 0 --to 1 /.test(line)));
  const run = async (count: number) => {
    const script = ['set -euo pipefail', ...lines.slice(0, count)].join('\n');
    const ran = await startProgram('bash', ['-c', script], stage.env, 180_000).ended;
    assert.equal(ran.code, 0, `${count} lines: ${ran.stderr}`);
  };
  const seen = new Map(Object.entries(await stage.uids()).map(([name, uid]) => [name, new Set([uid])]));
  const note = async () => {
    for (const [name, uid] of Object.entries(await stage.uids()))
      seen.set(name, (seen.get(name) ?? new Set()).add(uid));
  };
  for (let count = 1; count <= lines.length; count += 1) {
    await run(count);
    await note();
  }
  const settled = await stage.uids();
  await run(lines.length);
  assert.deepEqual(await stage.uids(), settled, 'run once more it changes nothing');
  assert.equal(number(await stage.set(), 'spec', 'replicas'), 2);
  assert.deepEqual(await stage.annotations(), before);
  assert.deepEqual(Object.values(await stage.images()), [NEW_IMAGE, NEW_IMAGE]);
  assertReplacedOnce(seen);
});

test('a script of the window that is stopped behind any of its commands and run again from the first line ends as if it had never been stopped', async (t) => {
  const stage = await openStage(t, cluster, { replicas: 2 });
  const before = await stage.annotations();
  const first = await stage.uids();
  const words = ['plan', 'nginx', '--image', `nginx=${NEW_IMAGE}`, '--surge', '1', '--max-unavailable', '1', ...FAST];
  const { stdout } = await stage.ok(...words, '-o', 'sh');
  const commands = stdout.split('\n').filter((line) => /^ *kubectl /.test(line));
  assert.ok(
    commands.every((line) => / --context=\S+ /.test(line)),
    'the context is pinned',
  );
  /** Stops before the command after these; resolves to the exit code. */
  const run = async (count: number): Promise<number | undefined> => {
    const counted = `calls=0; kubectl() { calls=$((calls+1)); [ "$calls" -le ${count} ] || exit 99; command kubectl "$@"; }`;
    const ran = await startProgram('bash', ['-c', `${counted}\n${stdout}`], stage.env, 180_000).ended;
    assert.ok(ran.code === 0 || ran.code === 99, `${count} commands: ${ran.code}\n${ran.stderr}`);
    return ran.code;
  };
  const seen = new Map(Object.entries(first).map(([name, uid]) => [name, new Set([uid])]));
  let count = 1;
  while ((await run(count)) === 99) {
    for (const [name, uid] of Object.entries(await stage.uids()))
      seen.set(name, (seen.get(name) ?? new Set()).add(uid));
    count += 1;
    assert.ok(count < 30, 'it comes to its end');
  }
  const settled = await stage.uids();
  assert.equal(await run(30), 0);
  assert.deepEqual(await stage.uids(), settled, 'run once more it changes nothing');
  assert.equal(number(await stage.set(), 'spec', 'replicas'), 2);
  assert.deepEqual(await stage.annotations(), before);
  assert.deepEqual(Object.values(await stage.images()), [NEW_IMAGE, NEW_IMAGE]);
  assertReplacedOnce(seen);
});
