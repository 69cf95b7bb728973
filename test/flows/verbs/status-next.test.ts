import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { status } from '../../../lib/flows/verbs/status.ts';
import { PODS, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { pod } from '../../builders.ts';
import { common, type Rehearsal, rehearse } from '../rehearsal/rehearsal.ts';

const next = async ({ world }: Rehearsal) => (await status(world, { ...common, cloud: false })).next.map(String);

describe('the next command that status names', () => {
  it('follows the batch: zero, the replacements until they are ready, the next batch', async () => {
    const rehearsal = rehearse();
    assert.deepEqual(await next(rehearsal), ['kubectl zeroloss upgrade nginx']);
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    assert.deepEqual(await next(rehearsal), ['kubectl zeroloss wait-zero nginx']);
    const set = rehearsal.kube.object(STATEFUL_SETS, 'nginx') ?? assert.fail();
    const { updateRevision: revision } = set['status'] as { updateRevision: string };
    rehearsal.kube.remove(PODS, 'nginx-0');
    assert.deepEqual(await next(rehearsal), ['kubectl zeroloss recreate nginx'], 'deleted, and not back yet');
    rehearsal.kube.put(pod({ statefulSet: set, ordinal: 0, revision, ready: false, phase: 'Pending' }));
    assert.deepEqual(
      await next(rehearsal),
      ['kubectl zeroloss recreate nginx'],
      'it may be stuck, which recreate says at once',
    );
    rehearsal.kube.put(pod({ statefulSet: set, ordinal: 0, revision }));
    assert.deepEqual(await next(rehearsal), ['kubectl zeroloss advance nginx']);
  });
});
