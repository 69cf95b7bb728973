import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readStatefulSet } from '../../../lib/core/target/stateful-set-facts.ts';
import { text } from '../../../lib/core/values/read.ts';
import { writeAdvanced } from '../../../lib/flows/weights/write-advanced.ts';
import { EVENTS, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { rehearse } from '../rehearsal/rehearsal.ts';

test('the Event of a write names what it did: a first write that only drains is a drain, and nothing is "for none"', async () => {
  const seen = async (back: readonly number[], drained: readonly number[]) => {
    const { world, kube } = rehearse();
    const set = readStatefulSet(kube.object(STATEFUL_SETS, 'nginx') ?? assert.fail());
    await writeAdvanced(world, set, { back, drained, zeros: drained });
    return kube.objects(EVENTS).map((event) => [event['reason'], text(event, 'message')]);
  };
  assert.deepEqual(await seen([], [0, 1, 2]), [['ZerolossDrained', 'weight 0 for 0-2']]);
  assert.deepEqual(await seen([0], [3]), [['ZerolossAdvanced', 'weights back for 0, weight 0 for 3']]);
  assert.deepEqual(await seen([3], []), [['ZerolossAdvanced', 'weights back for 3']]);
});
