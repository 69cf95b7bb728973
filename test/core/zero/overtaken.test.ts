import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type Facts, factsOf } from '../../../lib/core/facts/facts.ts';
import { readService } from '../../../lib/core/facts/service-facts.ts';
import { readStatefulSet } from '../../../lib/core/target/stateful-set-facts.ts';
import { isOvertaken } from '../../../lib/core/zero/overtaken.ts';
import { pod, service, statefulSet } from '../../builders.ts';

const object = statefulSet({ replicas: 4 });
const before: Facts = factsOf(
  {
    set: readStatefulSet(object),
    services: [readService(service())],
    pods: [0, 1, 2, 3].map((ordinal) => pod({ statefulSet: object, ordinal })),
  },
  { unreadable: 'refuse' },
);
const withSet = (change: Partial<Facts['set']>): Facts => ({ ...before, set: { ...before.set, ...change } });

it('a wait for zero is overtaken by another StatefulSet, template or strategy, by a Service that is gone, and by a scale-down below it', () => {
  const overtaking = [
    withSet({ uid: 'made-anew' }),
    withSet({ updateRevision: 'nginx-theirs' }),
    withSet({ updateStrategy: 'RollingUpdate' }),
    withSet({ replicas: 1 }),
    { ...before, services: [] },
  ];
  for (const now of overtaking) assert.equal(isOvertaken(before, now, [0, 1]), true);
});

it('a wait for zero goes on with fewer or more replicas beside it, and with pods that are not there for a moment', () => {
  for (const now of [before, withSet({ replicas: 2 }), withSet({ replicas: 9 }), { ...before, pods: [] }])
    assert.equal(isOvertaken(before, now, [0, 1]), false);
});
