/** The API server restarted in the middle of an upgrade; only a real one keeps its objects. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { E2eCluster } from '../cluster/cluster.ts';
import { startE2eCluster } from '../cluster/start-cluster.ts';
import { PLUGIN } from '../stage/plugin.ts';
import { assertNothingLost, rehearseUpgrade, VERBS } from '../stage/rehearsed-upgrade.ts';

/** As a script that runs a verb again for two minutes when the API server could not be reached (exit code 1), which is always safe. */
const AGAIN =
  'i=0; while [ $i -lt 60 ]; do i=$((i+1)); "$@"; code=$?; [ $code -eq 1 ] || exit $code; sleep 2; done; exit 1';
const verbs = { ...VERBS, command: ['/bin/sh', '-c', AGAIN, 'sh', PLUGIN] };

test('no connection is lost when the API server restarts in the middle', async () => {
  let cluster: E2eCluster | undefined;
  let restarted: Promise<void> | undefined;
  const start = async () => {
    cluster = await startE2eCluster();
    return cluster;
  };
  const meanwhile = () => {
    restarted = cluster?.restartApiServer?.();
    // Looked at below; an upgrade that fails first has more to say.
    restarted?.catch(() => undefined);
  };
  const report = await rehearseUpgrade({ batch: 5, start, meanwhile, verbs, shortPerSecond: 80 });
  assert.ok(restarted !== undefined, 'the API server was never restarted');
  await restarted;
  assertNothingLost(report);
});
