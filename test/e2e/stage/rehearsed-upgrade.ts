/** The demo's third strategy, ten pods by the verbs under live traffic, on the cluster that the suite runs on. */
import assert from 'node:assert/strict';
import type { StrategyReport } from '../../../sandbox/demo/demo-types.ts';
import { rehearseStrategy } from '../../../sandbox/demo/rehearse-strategy.ts';
import { zeroloss } from '../../../sandbox/demo/strategies.ts';
import type { E2eCluster } from '../cluster/cluster.ts';
import { startE2eCluster } from '../cluster/start-cluster.ts';
import { PLUGIN } from './plugin.ts';

const NEVER = new AbortController().signal;
const { PATH, HOME } = process.env;

/** How the strategy starts the verbs. */
export const VERBS = { command: [PLUGIN], env: { PATH, HOME } };

export interface RehearsedUpgrade {
  batch: number;
  start?: () => Promise<E2eCluster>;
  /** Runs once, as soon as the first pods are about to be deleted. */
  meanwhile?: () => void;
  verbs?: typeof VERBS;
  /** Short connections; the demo's number unless given. */
  shortPerSecond?: number;
}

export function rehearseUpgrade({
  batch,
  start = startE2eCluster,
  meanwhile,
  verbs = VERBS,
  shortPerSecond,
}: RehearsedUpgrade): Promise<StrategyReport> {
  let pending = meanwhile !== undefined;
  const progress = (line: string) => {
    if (!pending || !line.includes('$ kubectl zeroloss recreate')) return;
    pending = false;
    meanwhile?.();
  };
  return rehearseStrategy(zeroloss(batch, verbs), progress, NEVER, start, shortPerSecond);
}

export function assertNothingLost(report: StrategyReport): void {
  assert.equal(report.podsReplaced, 10);
  assert.equal(report.lost, 0, JSON.stringify(report.examples, undefined, 2));
  assert.equal(report.streamsLost, 0);
  assert.ok(report.connections > 1000, `only ${report.connections} connections: that proves little`);
}
