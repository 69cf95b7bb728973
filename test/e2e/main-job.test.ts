/** What all of this is for: ten pods upgraded under live traffic, and no connection lost; on good days and on bad ones. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { rehearseStrategy } from '../../sandbox/demo/rehearse-strategy.ts';
import { zeroloss } from '../../sandbox/demo/strategies.ts';
import type { StrategyReport } from '../../sandbox/demo/types.ts';
import { openTrouble } from './api-trouble.ts';
import { clusterKind, type E2eCluster, startE2eCluster } from './cluster.ts';
import { PLUGIN } from './plugin.ts';

const NEVER = new AbortController().signal;
const { PATH, HOME } = process.env;
const VERBS = { command: [PLUGIN], env: { PATH, HOME } };

/** As a script that runs a verb again for two minutes when the API server could not be reached (exit code 1), which is always safe. */
const AGAIN =
  'i=0; while [ $i -lt 60 ]; do i=$((i+1)); "$@"; code=$?; [ $code -eq 1 ] || exit $code; sleep 2; done; exit 1';
const PERSEVERING = { ...VERBS, command: ['/bin/sh', '-c', AGAIN, 'sh', PLUGIN] };

/** `meanwhile` runs once, as soon as the first pods are about to be deleted. */
function upgrade(
  batch: number,
  start: () => Promise<E2eCluster> = startE2eCluster,
  meanwhile: () => void = () => undefined,
  verbs = VERBS,
): Promise<StrategyReport> {
  let pending = true;
  const progress = (line: string) => {
    if (!pending || !line.includes('$ kubectl zeroloss recreate')) return;
    pending = false;
    meanwhile();
  };
  return rehearseStrategy(zeroloss(batch, verbs), progress, NEVER, start);
}

function assertNothingLost(report: StrategyReport): void {
  assert.equal(report.podsReplaced, 10);
  assert.equal(report.lost, 0, JSON.stringify(report.examples, undefined, 2));
  assert.equal(report.streamsLost, 0);
  assert.ok(report.connections > 1000, `only ${report.connections} connections: that proves little`);
}

test('ten pods are upgraded under live traffic, and no connection is lost', async () => {
  assertNothingLost(await upgrade(4));
});

test('no connection is lost when the API server is slow and refuses requests', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'zeroloss-trouble-'));
  const kubeconfig = join(folder, 'kubeconfig');
  let refused = 0;
  try {
    const report = await upgrade(5, async () => {
      const cluster = await startE2eCluster();
      const trouble = await openTrouble(cluster.kubeconfig, kubeconfig, { delayMs: 100, refuseEvery: 25 });
      const stop = async () => {
        refused = trouble.refused;
        await trouble.stop();
        await cluster.stop();
      };
      return { ...cluster, environment: { ...cluster.environment, KUBECONFIG: kubeconfig }, stop };
    });
    assertNothingLost(report);
    assert.ok(refused > 3, `only ${refused} requests were refused`);
  } finally {
    await rm(folder, { recursive: true });
  }
});

if (clusterKind() === 'real') {
  test('no connection is lost when the API server restarts in the middle', async () => {
    let cluster: E2eCluster | undefined;
    let restarted: Promise<void> | undefined;
    const start = async () => {
      cluster = await startE2eCluster();
      return cluster;
    };
    const restart = () => {
      restarted = cluster?.restartApiServer?.();
      // Looked at below; an upgrade that fails first has more to say.
      restarted?.catch(() => undefined);
    };
    const report = await upgrade(5, start, restart, PERSEVERING);
    assert.ok(restarted !== undefined, 'the API server was never restarted');
    await restarted;
    assertNothingLost(report);
  });
}
