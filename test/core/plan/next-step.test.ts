import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type NextStep,
  nextStep,
  stepText,
  type UpgradeState,
  type UpgradeWish,
} from '../../../lib/core/plan/next-step.ts';
import { readPods } from '../../../lib/core/target/pod.ts';
import { readStatefulSet } from '../../../lib/core/target/stateful-set-facts.ts';
import { NEW_HASH, podsOf, statefulSet } from '../../builders.ts';

const wish: UpgradeWish = { images: {}, batch: 2, surge: 0 };

interface State {
  replicas?: number;
  updated?: number[];
  unready?: number[];
  former?: number;
  drainSet?: number[];
  /** By default the drain set. */
  atZero?: number[];
  canaries?: number[];
  consistent?: boolean;
  bookkept?: boolean;
}

function state({
  replicas = 4,
  updated = [],
  unready = [],
  former,
  drainSet = [],
  atZero = drainSet,
  canaries = [],
  consistent = true,
  bookkept = false,
}: State): UpgradeState {
  const updateRevision = `nginx-${NEW_HASH}`;
  const annotations: Record<string, string> =
    former === undefined ? {} : { 'kubectl-zeroloss/former-replicas': String(former) };
  const object = statefulSet({ replicas, image: 'nginx:1', updateRevision, merge: { metadata: { annotations } } });
  const set = readStatefulSet(object);
  const pods = podsOf(object, (ordinal) => ({
    ...(updated.includes(ordinal) ? { revision: updateRevision } : {}),
    ...(unready.includes(ordinal) ? { ready: false } : {}),
  }));
  const held = new Map(canaries.map((ordinal) => [ordinal, 5]));
  return { set, pods: readPods(pods, set), drainSet, atZero, canaries: held, consistent, bookkept };
}

const CASES: readonly [what: string, state: State, wish: Partial<UpgradeWish>, next: NextStep][] = [
  [
    'a surge comes first',
    { updated: [0, 1, 2, 3] },
    { surge: 1, images: { nginx: 'nginx:2' } },
    { step: 'surge', count: 1, dark: false },
  ],
  [
    'without traffic where it starts on a template that pods do not run yet',
    {},
    { surge: 1 },
    { step: 'surge', count: 1, dark: true },
  ],
  [
    'which it gets before a batch is drained, once its pods are well',
    { replicas: 5, former: 4, updated: [4], drainSet: [4] },
    {},
    { step: 'light', ordinals: [4] },
  ],
  [
    'and before a new image makes them outdated, where another pod runs their template well',
    { replicas: 5, former: 4, updated: [0, 4], drainSet: [4] },
    { images: { nginx: 'nginx:2' } },
    { step: 'light', ordinals: [4] },
  ],
  [
    'but not on a template that they alone have, which is given up',
    { replicas: 5, former: 4, updated: [4], drainSet: [4] },
    { images: { nginx: 'nginx:2' } },
    { step: 'set-image', images: { nginx: 'nginx:2' } },
  ],
  [
    'they are replaced then, before a batch is drained',
    { replicas: 5, former: 4, drainSet: [4] },
    {},
    { step: 'recreate', ordinals: [4] },
  ],
  [
    'nor where that one is sick',
    { replicas: 5, former: 4, updated: [0, 4], unready: [0], drainSet: [4] },
    { images: { nginx: 'nginx:2' } },
    { step: 'set-image', images: { nginx: 'nginx:2' } },
  ],
  [
    'the image comes before a surge whose pods would start on a revision that no one asked for',
    {},
    { surge: 1, images: { nginx: 'nginx:2' } },
    { step: 'set-image', images: { nginx: 'nginx:2' } },
  ],
  [
    'then the image',
    { replicas: 5, former: 4 },
    { surge: 1, images: { nginx: 'nginx:2' } },
    { step: 'set-image', images: { nginx: 'nginx:2' } },
  ],
  [
    'but not before the surge has come to its end',
    { replicas: 5, former: 4, unready: [4] },
    { surge: 1, images: { nginx: 'nginx:2' } },
    { step: 'surge', count: 1, dark: false },
  ],
  [
    'nor is a batch drained before that, whoever has surged',
    { replicas: 6, former: 4, unready: [5] },
    {},
    { step: 'surge', count: 2, dark: false },
  ],
  [
    'what the surge of somebody who scaled it away has left is cleared',
    { replicas: 4, former: 4, updated: [0, 1, 2, 3] },
    {},
    { step: 'finish' },
  ],
  ['no surge for nothing to do', { updated: [0, 1, 2, 3] }, { surge: 1 }, { step: 'done' }],
  ['then the lowest outdated batch', { updated: [0] }, {}, { step: 'drain', ordinals: [1, 2], asked: true }],
  ['what is drained is recreated', { drainSet: [2] }, {}, { step: 'recreate', ordinals: [2] }],
  [
    'a drain that reached one Service alone is finished before anything is counted',
    { drainSet: [1, 2], updated: [1], consistent: false },
    {},
    { step: 'drain', ordinals: [2], asked: false },
  ],
  [
    'weights that came back on one Service alone are given back on all',
    { drainSet: [1], updated: [1], consistent: false },
    {},
    { step: 'give-back', ordinals: [1] },
  ],
  [
    'a replacement that is not ready is waited for',
    { drainSet: [0, 1], updated: [0, 1], unready: [1] },
    {},
    { step: 'recreate', ordinals: [1] },
  ],
  [
    'a batch that is well gets its traffic back',
    { drainSet: [0], updated: [0] },
    {},
    { step: 'give-back', ordinals: [0] },
  ],
  [
    'the surplus is drained at the end',
    { replicas: 5, former: 4, updated: [0, 1, 2, 3] },
    {},
    { step: 'drain-surplus', ordinals: [4] },
  ],
  [
    'all of it, when a part is drained',
    { replicas: 6, former: 4, updated: [0, 1, 2, 3], drainSet: [5] },
    {},
    { step: 'drain-surplus', ordinals: [4, 5] },
  ],
  [
    'and taken away, though it is outdated',
    { replicas: 5, former: 4, updated: [0, 1, 2, 3], drainSet: [4] },
    {},
    { step: 'finish' },
  ],
  [
    'a batch goes on while the surplus is dark',
    { replicas: 5, former: 4, drainSet: [0, 4] },
    {},
    { step: 'recreate', ordinals: [0] },
  ],
  [
    'what is left of a surge is only cleared away',
    { updated: [0, 1, 2, 3], drainSet: [4], bookkept: true },
    {},
    { step: 'finish' },
  ],
  [
    'what somebody else has drained beyond the replicas is left to them',
    { updated: [0, 1, 2, 3], drainSet: [4] },
    {},
    { step: 'done' },
  ],
  [
    'the surplus is drained again where one Service alone has it at 0',
    { replicas: 5, former: 4, updated: [0, 1, 2, 3], drainSet: [4], atZero: [], consistent: false },
    {},
    { step: 'drain-surplus', ordinals: [4] },
  ],
  [
    'a canary that is well gets all of its weight',
    { updated: [0], canaries: [0], bookkept: true },
    {},
    { step: 'give-back', ordinals: [0] },
  ],
  [
    'a canary that is outdated is drained as every other',
    { canaries: [0], bookkept: true },
    {},
    { step: 'drain', ordinals: [0, 1], asked: true },
  ],
];

describe('the next step of an upgrade, from the state of the cluster alone', () => {
  for (const [what, given, more, next] of CASES)
    it(what, () => assert.deepEqual(nextStep(state(given), { ...wish, ...more }), next));
});

it('the last step claims no surge: there may have been none, and only bookkeeping is left', () => {
  assert.equal(stepText({ step: 'finish' }), 'scale a surplus away, if there is one, and remove the bookkeeping');
});
