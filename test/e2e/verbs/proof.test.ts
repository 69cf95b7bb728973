/** The proof of zero that one process leaves for the next. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import { openStage, RS_WEIGHT, type Stage } from '../stage/stage.ts';

let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

const WINDOW_MS = 20_000;
/** The pod source reads every three seconds. */
const READING_MS = 3_000;
const COUNT = ['--source', 'pod', '--stable-for', `${WINDOW_MS / 1000}s`];

/** How long after `recreate` began to read it has begun to delete, by what it prints. */
async function recreated(stage: Stage) {
  const before = await stage.uids();
  const child = stage.start(['recreate', 'nginx', ...COUNT]);
  await stage.until('it counts', async () => /counting by pod/.test(child.stderrSoFar()));
  const beganMs = Date.now();
  await stage.until('the pod goes', async () => {
    const pods = await stage.pods();
    return !pods.some(({ metadata }) => metadata.uid === before['nginx-0'] && !metadata.deletionTimestamp);
  });
  const tookMs = Date.now() - beganMs;
  const { code, stderr } = await child.ended;
  assert.equal(code, 0, stderr);
  return { tookMs, stderr };
}

async function proved(stage: Stage): Promise<void> {
  await stage.setImage();
  await stage.ok('drain', 'nginx', '0');
  await stage.ok('wait-zero', 'nginx', ...COUNT);
}

describe('recreate after wait-zero', { concurrency: true }, () => {
  test('begins its deletion within one reading, for the window is full already', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 3 });
    await proved(stage);
    const { tookMs, stderr } = await recreated(stage);
    assert.match(stderr, /going on from the readings of wait-zero/);
    t.diagnostic(`from "counting by pod" to the deletion: ${tookMs} ms`);
    assert.ok(tookMs <= READING_MS, `${tookMs} ms`);
  });

  test('counts the whole stability window again once another writer has written the weights', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 3 });
    await proved(stage);
    const text = (await stage.weights()) ?? '';
    // Somebody else's client: the API server records another writer.
    const metadata = { annotations: { [RS_WEIGHT]: `${text} ` } };
    await stage.patch('nginx', { metadata });
    const { tookMs, stderr } = await recreated(stage);
    assert.match(stderr, /counting ordinal 0 for the whole 20s: .*a weight was written since/);
    assert.ok(tookMs >= WINDOW_MS - READING_MS, `${tookMs} ms`);
  });
});
