/** The least time by plan, compared with the time of the run: real flows on a simulated clock, and no client connected. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PlanIntent, UpgradeIntent } from '../../../lib/core/intent/intent.ts';
import type { UpgradePlan } from '../../../lib/core/plan/upgrade-plan.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { plan } from '../../../lib/flows/verbs/plan.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { waitZero } from '../../../lib/flows/verbs/wait-zero.ts';
import { SERVICES } from '../../../lib/ports/resources.ts';
import { FakeMonitor, MINUTE } from '../rehearsal/fake-monitor.ts';
import { quiet } from '../rehearsal/quiet.ts';
import { common, type Rehearsal, type RehearsalOptions } from '../rehearsal/rehearsal.ts';

/** Later than that a plan is no help. */
const MOST = 1.15;

type Way = Partial<Pick<UpgradeIntent, 'batch' | 'maxUnavailable' | 'surge' | 'soakMs' | 'stableForMs' | 'sources'>>;
const wish = (way: Way): UpgradeIntent => ({
  ...common,
  ...{ timeoutMs: 24 * 60 * MINUTE, stableForMs: 3 * MINUTE, maxConnections: 0, images: {}, batch: 1, surge: 0 },
  ...{ soakMs: 0, yes: true, takeOver: false, evict: false, minServing: { kind: 'count', count: 1 } },
  ...way,
});

const leastOf = async (run: Rehearsal, way: Way): Promise<number> => {
  const intent: PlanIntent = { ...wish(way), countingWords: [] };
  return ((await plan(run.world, intent)).details as UpgradePlan).leastMs ?? Number.NaN;
};

/** Plans, upgrades, and compares. */
async function compare(run: Rehearsal, way: Way, most = MOST): Promise<void> {
  const leastMs = await leastOf(run, way);
  const beganMs = run.clock.now();
  await upgrade(run.world, wish(way));
  const tookMs = run.clock.now() - beganMs;
  const said = `least ${leastMs / 1000}s, real ${tookMs / 1000}s, ratio ${(tookMs / leastMs).toFixed(3)}`;
  assert.ok(leastMs > 0 && leastMs <= tookMs, said);
  assert.ok(tookMs <= most * leastMs, said);
}

const windowOf = (count: number): Way => ({ maxUnavailable: { kind: 'count', count } });

describe('the least time that plan tells is never above what the run takes, and close to it', () => {
  const ways: readonly [string, Way, RehearsalOptions?][] = [
    ['pod by pod', {}],
    ['in batches', { batch: 2 }],
    ['in batches that do not come out even', { batch: 4 }],
    ['with a soak', { batch: 3, soakMs: 5 * MINUTE }],
    ['with a surge', { batch: 3, surge: 2 }],
    ['by a window', windowOf(2)],
    ['by a window that does not come out even', windowOf(4)],
    ['by a window with a soak', { ...windowOf(3), soakMs: 5 * MINUTE }],
    ['by a window with a surge', { ...windowOf(2), surge: 1 }],
  ];
  for (const [title, way, options] of ways)
    it(title, async () => {
      await compare(quiet(options), way);
    });

  it('counted by Cloud Monitor, whose periods are a minute', async () => {
    for (const way of [{ batch: 2 }, windowOf(2)]) {
      const run = quiet();
      const monitor = new FakeMonitor(run.clock);
      run.world.sources = [monitor];
      // Where a minute begins is not known beforehand: up to one of them comes on top of each wait.
      await compare(run, { ...way, soakMs: 5 * MINUTE }, 1.25);
    }
  });

  it('leaves out a source that is not to be counted by', async () => {
    const run = quiet();
    const monitor = new FakeMonitor(run.clock);
    run.world.sources = [run.source, monitor];
    const all = await leastOf(run, {});
    const own = await leastOf(run, { sources: ['fake'] });
    assert.equal(all - own, 6 * 2 * MINUTE);
    await compare(run, { sources: ['fake'] });
  });

  it('counts what is left of the wait of a batch that is drained already', async () => {
    const run = quiet();
    Object.assign(run.kube, { clockAheadMs: () => 0 });
    const fieldsV1 = { 'f:metadata': { 'f:annotations': { 'f:service.cloud.tencent.com/lb-rs-weight': {} } } };
    run.kube.edit(SERVICES, 'nginx', ({ metadata }) => {
      metadata['managedFields'] = [{ manager: 'kubectl-zeroloss', time: '2026-01-01T00:00:00Z', fieldsV1 }];
    });
    run.world.sources = [new FakeMonitor(run.clock)];
    const fresh = await leastOf(run, {});
    await drain(run.world, { ...common, ordinals: [0] });
    await waitZero(run.world, { ...wish({}), timeoutMs: 60 * MINUTE });
    const begun = await leastOf(run, {});
    assert.ok(begun <= fresh - 5 * MINUTE, `${fresh / 1000}s, then ${begun / 1000}s`);
    await compare(run, {}, 1.25);
  });
});
