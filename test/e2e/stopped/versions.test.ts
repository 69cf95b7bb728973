/**
 * The version before and this one on the same StatefulSet, each verb by one over what the other left: the end is what either
 * would have reached alone. Every test runs both ways.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import { FAST, NEW_IMAGE, openStage, type Stage } from '../stage/stage.ts';
import { ok, openVersions, type Version, type Versions } from '../stage/version-before.ts';

let cluster: E2eCluster;
let versions: Versions;
before(async () => {
  [cluster, versions] = await Promise.all([openCluster(), openVersions()]);
});
after(async () => {
  await versions.close();
  await closeCluster();
});

/** Runs a verb, whose exit code has to be 0; resolves to what it prints on stdout. */
type Run = (version: Version, ...words: string[]) => Promise<string>;

/** Everything of ours, and the number of replicas. */
async function kept(stage: Stage) {
  const set = await stage.set();
  return {
    service: await stage.annotations(),
    set: set.metadata.annotations ?? {},
    replicas: (set['spec'] as { replicas?: number }).replicas,
  };
}

/** Runs the test twice: `first` is the version before, then this one. Nothing of ours may be left at its end. */
function bothWays(
  title: string,
  play: (at: { stage: Stage; first: Version; second: Version; run: Run }) => Promise<void>,
) {
  for (const order of ['the version before begins', 'this version begins']) {
    test(`${title}: ${order}`, async (t) => {
      const stage = await openStage(t, cluster, { replicas: 3 });
      const was = await kept(stage);
      const [first, second] =
        order === 'this version begins' ? [versions.now, versions.old] : [versions.old, versions.now];
      const run: Run = async (version, ...words) => (await ok(version, stage, ...words)).stdout;
      await play({ stage, first, second, run });
      await stage.settled(3);
      // The version before leaves behind bookkeeping that it does not know: this one clears it up.
      await run(versions.now, 'restore', 'nginx', ...FAST);
      assert.deepEqual(await kept(stage), was);
    });
  }
}

const UPGRADE = ['upgrade', 'nginx', '--image', `nginx=${NEW_IMAGE}`, '--surge', '1', '--yes', ...FAST];

/** Kills the verb as soon as its progress shows this. */
async function killedAt(version: Version, stage: Stage, words: readonly string[], progress: RegExp): Promise<void> {
  const child = version.start(stage, words);
  await stage.until(`${version.name} shows ${progress}`, async () => progress.test(child.stderrSoFar()), 60_000);
  child.kill('SIGKILL');
  assert.equal((await child.ended).code, undefined, 'it was killed, and had not ended');
}

const images = async (stage: Stage): Promise<string[]> => [...new Set(Object.values(await stage.images()))].map(String);

describe('two versions on one StatefulSet', { concurrency: 3 }, () => {
  bothWays(
    'each verb of a batch goes on from where the other version stopped',
    async ({ stage, first, second, run }) => {
      await stage.setImage();
      await run(first, 'drain', 'nginx', '0');
      await run(second, 'drain', 'nginx', '0');
      for (const version of [first, second]) {
        for (const verb of ['plan', 'status', 'history']) assert.match(await run(version, verb, 'nginx'), /\S/);
        const checked = await version.start(stage, ['check', 'nginx']).ended;
        assert.match(checked.stdout, /not-deleting/, checked.stderr);
        assert.doesNotMatch(checked.stdout, /record-format/);
      }
      await run(second, 'wait-zero', 'nginx', ...FAST);
      await run(first, 'recreate', 'nginx', ...FAST);
      await run(second, 'verify', 'nginx', '0');
      await run(second, 'advance', 'nginx');
      await run(first, 'wait-zero', 'nginx', ...FAST);
      await run(second, 'recreate', 'nginx', ...FAST);
      await run(first, 'advance', 'nginx');
      await run(second, 'wait-zero', 'nginx', ...FAST);
      await run(first, 'recreate', 'nginx', ...FAST);
      await run(second, 'restore', 'nginx', ...FAST);
      assert.deepEqual(await images(stage), [NEW_IMAGE]);
    },
  );

  bothWays('a drain is given back', async ({ stage, first, second, run }) => {
    await run(first, 'drain', 'nginx', '0,1', '--min-serving', '1');
    await run(second, 'restore', 'nginx', '0', ...FAST);
    await run(first, 'restore', 'nginx', ...FAST);
    await run(second, 'drain', 'nginx', '2');
    await run(first, 'restore', 'nginx', '--weights-only');
    assert.equal(await stage.weights(), undefined);
  });

  bothWays('a surge is recognised, drained and scaled away', async ({ stage, first, second, run }) => {
    await run(first, 'surge', 'nginx', '1');
    assert.match(await run(second, 'surge', 'nginx', '1'), /already surged/);
    await run(second, 'drain', 'nginx', '3');
    await run(first, 'wait-zero', 'nginx', ...FAST);
    await run(second, 'restore', 'nginx', ...FAST);
    assert.equal((await stage.pods()).length, 3);
  });

  bothWays('a canary is raised and ended', async ({ stage, first, second, run }) => {
    await run(first, 'drain', 'nginx', '0');
    await run(first, 'restore', 'nginx', '0', '--weight', '1', '--every', '1s');
    await run(second, 'restore', 'nginx', '0', '--weight', '5', '--every', '1s');
    assert.match((await stage.weights()) ?? '', /"weight":5,"podIndexes":\[0\]/);
    await run(first, 'restore', 'nginx', ...FAST);
  });

  bothWays('an upgrade that was killed in its middle is finished', async ({ stage, first, second, run }) => {
    await killedAt(first, stage, UPGRADE, /recreat/i);
    await run(second, ...UPGRADE);
    assert.deepEqual(await images(stage), [NEW_IMAGE]);
  });

  bothWays('an upgrade that was killed in its middle is rolled back', async ({ stage, first, second, run }) => {
    const were = await images(stage);
    await killedAt(first, stage, UPGRADE, /recreat/i);
    await run(second, 'rollback', 'nginx');
    assert.match(await run(first, 'rollback', 'nginx'), /already (?:rolled back|has this template)/);
    await run(first, 'upgrade', 'nginx', '--yes', ...FAST);
    assert.deepEqual(await images(stage), were);
  });
});
