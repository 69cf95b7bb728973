import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseStepDetails, STEP_DETAILS } from '../../../lib/core/story/step-details.ts';
import { readStatefulSet } from '../../../lib/core/target/stateful-set-facts.ts';
import { text } from '../../../lib/core/values/read.ts';
import { advance } from '../../../lib/flows/verbs/advance.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { writeAdvanced } from '../../../lib/flows/weights/write-advanced.ts';
import { EVENTS, SERVICES, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { service } from '../../builders.ts';
import { common, RS_WEIGHT, rehearse } from '../rehearsal/rehearsal.ts';

test('the Event of a write names what it did: a first write that only drains is a drain, and nothing is "for none"', async () => {
  const seen = async (back: readonly number[], drained: readonly number[]) => {
    const { world, kube } = rehearse();
    const set = readStatefulSet(kube.object(STATEFUL_SETS, 'nginx') ?? assert.fail());
    await writeAdvanced(world, set, { back, drained, zeros: drained });
    return kube.objects(EVENTS).map((event) => [event['reason'], text(event, 'message')]);
  };
  assert.deepEqual(await seen([], [0, 1, 2]), [['ZerolossDrained', 'weight 0 for ordinals 0-2']]);
  assert.deepEqual(await seen([0], [3]), [['ZerolossAdvanced', 'weights back for ordinal 0, weight 0 for ordinal 3']]);
  assert.deepEqual(await seen([3], []), [['ZerolossAdvanced', 'weights back for ordinal 3']]);
});

test('a write that only makes two Services agree leaves the Event of a drain, which names the whole drain set', async () => {
  const services = ['nginx', 'web'].map((name) => service({ name, selector: { app: 'nginx' } }));
  const { world, kube } = rehearse({ replicas: 4, services });
  await drain(world, { ...common, ordinals: [0] });
  // As an interrupted write leaves them: one Service has the zero, and the other one has nothing.
  kube.edit(SERVICES, 'web', ({ metadata }) => {
    const { [RS_WEIGHT]: _zeros, ...rest } = metadata.annotations ?? {};
    metadata.annotations = rest;
  });
  for (const { metadata } of kube.objects(EVENTS)) kube.remove(EVENTS, metadata.name);
  await advance(world, { ...common, maxUnavailable: { kind: 'count', count: 1 } });
  assert.match(kube.object(SERVICES, 'web')?.metadata.annotations?.[RS_WEIGHT] ?? '', /"podIndexes":\[0\]/);
  const events = kube.objects(EVENTS);
  assert.deepEqual(
    events.map((event) => [event['reason'], text(event, 'message')]),
    [['ZerolossDrained', 'weight 0 for ordinal 0']],
  );
  const { weights } = parseStepDetails(events[0]?.metadata.annotations?.[STEP_DETAILS]);
  assert.deepEqual(weights, [{ ordinals: [0], weight: 0 }]);
});
