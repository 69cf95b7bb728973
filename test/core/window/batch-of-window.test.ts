/** A batch against the window: `upgrade --batch` takes its steps by verbs, and they are those of a window that refills only when it is empty. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type NextStep, nextStep } from '../../../lib/core/plan/next-step.ts';
import { readPods } from '../../../lib/core/target/pod.ts';
import { readStatefulSet } from '../../../lib/core/target/stateful-set-facts.ts';
import { windowActions } from '../../../lib/core/window/actions.ts';
import type { Place } from '../../../lib/core/window/place.ts';
import { NEW_HASH, podsOf, statefulSet } from '../../builders.ts';
import { seen, wish } from './window-wish.ts';

const updateRevision = `nginx-${NEW_HASH}`;

/** Where the pods of one batch stand together, and the step of `upgrade --batch` there. */
const STAGES: Readonly<Record<string, (batch: readonly number[]) => NextStep>> = {
  serving: (ordinals) => ({ step: 'drain', ordinals, asked: true }),
  draining: (ordinals) => ({ step: 'recreate', ordinals }),
  'at-zero': (ordinals) => ({ step: 'recreate', ordinals }),
  starting: (ordinals) => ({ step: 'recreate', ordinals }),
  ready: (ordinals) => ({ step: 'give-back', ordinals }),
};

describe('a batch', () => {
  const history = fc.record({
    done: fc.nat({ max: 6 }),
    left: fc.integer({ min: 1, max: 6 }),
    batch: fc.integer({ min: 1, max: 4 }),
    stage: fc.constantFrom(...Object.keys(STAGES)),
  });

  it('is drained, deleted and given back together, as by a window of its size that begins the next pods when none is out', () => {
    fc.assert(
      fc.property(history, ({ done, left, batch, stage }) => {
        const replicas = done + left;
        const all = Array.from({ length: replicas }, (_, ordinal) => ordinal);
        const present = all.slice(done, done + batch);
        const isOld = (ordinal: number) =>
          ordinal >= done && (['serving', 'draining', 'at-zero'].includes(stage) || !present.includes(ordinal));
        const object = statefulSet({ replicas, image: 'nginx:1', updateRevision });
        const set = readStatefulSet(object);
        const pods = podsOf(object, (ordinal) => ({
          ...(isOld(ordinal) ? {} : { revision: updateRevision }),
          ...(stage === 'starting' && present.includes(ordinal) ? { ready: false } : {}),
        }));
        const drainSet = stage === 'serving' ? [] : present;
        const step = nextStep(
          {
            ...{ set, pods: readPods(pods, set), drainSet, atZero: drainSet },
            ...{ canaries: new Map(), consistent: true, bookkept: drainSet.length > 0 },
          },
          { images: {}, batch, surge: 0 },
        );
        assert.deepEqual(step, STAGES[stage]?.(present));

        const places = all.map(
          (ordinal): Place => (ordinal < done ? 'done' : present.includes(ordinal) ? (stage as Place) : 'serving'),
        );
        const {
          drain,
          delete: gone,
          restore,
        } = windowActions(seen(...places), wish({ refill: 'all', maxUnavailable: batch }));
        const due = (at: string) => (stage === at ? present : []);
        assert.deepEqual([drain, gone, restore], [due('serving'), due('at-zero'), due('ready')]);
      }),
    );
  });
});
