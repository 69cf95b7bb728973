import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StatusError } from '../../../lib/core/errors.ts';
import { parseStepDetails, STEP_DETAILS } from '../../../lib/core/story/step-details.ts';
import { surge } from '../../../lib/flows/verbs/surge.ts';
import { EVENTS, PODS } from '../../../lib/ports/resources.ts';
import { annotation, common, type Rehearsal, rehearse } from '../rehearsal/rehearsal.ts';

const up = ({ world }: Rehearsal, count: number, dark: boolean) => surge(world, { ...common, count, dark });
const events = ({ kube }: Rehearsal) =>
  kube.objects(EVENTS).map((event) => ({
    said: `${event['reason']}: ${event['message']}`,
    weights: parseStepDetails(event.metadata.annotations?.[STEP_DETAILS]).weights,
  }));
const weights = (ordinal: number) => [{ ordinals: [ordinal], weight: 0 }];

describe('the weights of 0 that surge --dark writes', () => {
  it('leave an Event where the scaling fails after them', async () => {
    const rehearsal = rehearse({ settled: true, replicas: 4 });
    rehearsal.kube.failNext(
      { verb: 'patch', resource: 'statefulsets' },
      new StatusError(403, 'Forbidden', 'not yours'),
    );
    await assert.rejects(up(rehearsal, 1, true), /not yours/);
    assert.match(annotation(rehearsal) ?? '', /"podIndexes":\[4\]/);
    assert.deepEqual(events(rehearsal), [
      { said: 'ZerolossDrained: weight 0 for surplus ordinal 4', weights: weights(4) },
    ]);
  });

  it('leave an Event where the replicas are there already and a pod is still to come', async () => {
    const rehearsal = rehearse({ settled: true, replicas: 4 });
    await up(rehearsal, 1, false);
    rehearsal.kube.remove(PODS, 'nginx-4');
    for (const { metadata } of rehearsal.kube.objects(EVENTS)) rehearsal.kube.remove(EVENTS, metadata.name);
    await assert.rejects(surge(rehearsal.world, { ...common, count: 1, dark: true, timeoutMs: 3000 }), /nginx-4/);
    assert.deepEqual(events(rehearsal), [
      { said: 'ZerolossDrained: weight 0 for surplus ordinal 4', weights: weights(4) },
    ]);
  });

  it('stand in the Event of the scaling, of the pods that were held alone', async () => {
    const rehearsal = rehearse({ settled: true, replicas: 4 });
    await up(rehearsal, 1, false);
    await up(rehearsal, 2, true);
    const [, second] = events(rehearsal);
    assert.match(second?.said ?? '', /^ZerolossSurged: 4 replicas and 2 more/);
    assert.deepEqual(second?.weights, weights(5));
    assert.equal(events(rehearsal).length, 2);
  });

  it('leave no Event in a dry run, nor where nothing is written', async () => {
    const rehearsal = rehearse({ settled: true, replicas: 4 });
    await surge(rehearsal.world, { ...common, count: 1, dark: true, dryRun: 'server' });
    assert.deepEqual(events(rehearsal), []);
    await up(rehearsal, 1, true);
    await up(rehearsal, 1, true);
    assert.equal(events(rehearsal).length, 1);
  });
});
