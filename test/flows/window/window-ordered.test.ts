import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NotYetError } from '../../../lib/core/errors.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { PODS } from '../../../lib/ports/resources.ts';
import { fallsIll, rehearseOrdered } from '../rehearsal/ordered.ts';
import { common, deletions, type Rehearsal } from '../rehearsal/rehearsal.ts';
import { windowOfThree } from '../rehearsal/windows.ts';

const run = ({ world }: Rehearsal) => upgrade(world, { ...windowOfThree, timeoutMs: 600_000 });

describe('a window over a StatefulSet with OrderedReady', () => {
  it('replaces an outdated pod that is not ready before those above it, and comes to its end', async () => {
    const rehearsal = rehearseOrdered();
    fallsIll(rehearsal, 'nginx-0');
    await run(rehearsal);
    assert.equal(deletions(rehearsal)[0], 'nginx-0');
    assert.equal(new Set(deletions(rehearsal)).size, 10);
  });

  it('deletes nothing above a drained pod that is no longer ready and has clients, and names it', async () => {
    const rehearsal = rehearseOrdered();
    rehearsal.source.counts.set('nginx-0', 2);
    rehearsal.clock.at(3_000, () => fallsIll(rehearsal, 'nginx-0'));
    await assert.rejects(
      run(rehearsal),
      (error: unknown) => error instanceof NotYetError && /nginx-0 draining/.test(error.message),
    );
    assert.deepEqual(deletions(rehearsal), []);
  });

  it('goes on where a pod is missing that the controller does not make before a lower drained one is ready', async () => {
    const rehearsal = rehearseOrdered();
    await drain(rehearsal.world, { ...common, ordinals: [0, 1, 2], minServing: { kind: 'count', count: 1 } });
    fallsIll(rehearsal, 'nginx-0');
    await rehearsal.kube.delete(PODS, 'nginx-2', { uid: rehearsal.kube.object(PODS, 'nginx-2')?.metadata.uid ?? '' });
    await run(rehearsal);
    assert.deepEqual(deletions(rehearsal).slice(0, 2), ['nginx-2', 'nginx-0']);
    assert.equal(new Set(deletions(rehearsal)).size, 10);
  });
});
