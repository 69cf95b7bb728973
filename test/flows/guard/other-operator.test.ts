import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StatusError } from '../../../lib/core/errors.ts';
import { advance } from '../../../lib/flows/verbs/advance.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { rollback } from '../../../lib/flows/verbs/rollback.ts';
import { status } from '../../../lib/flows/verbs/status.ts';
import { statusOf } from '../../../lib/flows/verbs/status-of.ts';
import { overriding } from '../../../lib/ports/overriding.ts';
import { LEASES } from '../../../lib/ports/resources.ts';
import type { Kube, World } from '../../../lib/ports.ts';
import { common, type Rehearsal, rehearse } from '../rehearsal/rehearsal.ts';
import { withRevisions } from '../rehearsal/revisions.ts';

const me = { identity: 'bob@desk/1#x', isGone: () => false };

/** Ann's upgrade, begun two minutes ago and renewed `renewedMs` ago. */
function annRuns({ kube, clock }: Rehearsal, renewedMs = 5_000): void {
  const ago = (ms: number) => new Date(clock.now() - ms).toISOString().replace('Z', '000Z');
  kube.put({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'kubectl-zeroloss-nginx', annotations: { 'kubectl-zeroloss/verb': 'upgrade' } },
    spec: {
      holderIdentity: 'ann@laptop/4711#b00t',
      leaseDurationSeconds: 60,
      acquireTime: ago(120_000),
      renewTime: ago(renewedMs),
    },
  });
}

const shown = async (world: World) => (await status(world, common)).details;
const forbidden = (kube: Kube): Kube =>
  overriding(kube, {
    get: async (...call) => {
      if (call[0] === LEASES) throw new StatusError(403, 'Forbidden', 'leases is forbidden');
      return kube.get(...call);
    },
  });

describe('another operator’s verb', () => {
  it('is a note of status, and data', async () => {
    const rehearsal = rehearse();
    annRuns(rehearsal);
    const { notes, running } = await shown(rehearsal.world);
    assert.deepEqual(notes.map(String), ['ann@laptop/4711 runs upgrade, begun 2m ago']);
    assert.deepEqual(
      [running?.by, running?.verb, running?.begunAt, running?.expired],
      ['ann@laptop/4711', 'upgrade', '2025-12-31T23:58:00.000Z', false],
    );
  });

  it('is a note of its own StatefulSet among several', async () => {
    const rehearsal = rehearse();
    annRuns(rehearsal);
    const { message } = await statusOf(rehearsal.world, { ...common, names: ['nginx', 'web'] });
    assert.match(String(message), /^note: nginx: ann@laptop\/4711 runs upgrade, begun 2m ago$/m);
  });

  it('that no longer renews its lease is shown with the last time', async () => {
    const rehearsal = rehearse();
    annRuns(rehearsal, 90_000);
    const { notes, running } = await shown(rehearsal.world);
    assert.deepEqual(notes.map(String), [
      'ann@laptop/4711 runs upgrade, begun 2m ago, but last renewed its lease 1m30s ago',
    ]);
    assert.equal(running?.expired, true);
  });

  it('whose process of this machine is gone is not shown, nor one whose lease may not be read', async () => {
    const rehearsal = rehearse();
    annRuns(rehearsal);
    const { world } = rehearsal;
    for (const other of [
      { ...world, leaseHolder: { ...me, isGone: () => true } },
      { ...world, kube: forbidden(world.kube) },
    ]) {
      const { notes, running } = await shown(other);
      assert.deepEqual([notes, running], [[], null]);
    }
  });

  it('is a warning of drain, of advance and of rollback, which go on', async () => {
    const rehearsal = rehearse({ updated: [0] });
    annRuns(rehearsal);
    const world = { ...rehearsal.world, leaseHolder: me };
    const warning = 'ann@laptop/4711 runs upgrade on statefulset/nginx, begun 2m ago';
    await drain(world, { ...common, ordinals: [0] });
    assert.deepEqual(rehearsal.report.warnings, [warning]);
    await advance(world, common);
    assert.match(rehearsal.report.warnings.at(-1) ?? '', /^ann@laptop\/4711 runs upgrade/);
    const back = withRevisions(rehearse({ updated: [0] }));
    annRuns(back);
    const { changed } = await rollback({ ...back.world, leaseHolder: me }, common);
    assert.deepEqual([changed, back.report.warnings], [true, [warning]]);
  });
});
