import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { estimated, zeroMsOf } from '../../../lib/core/plan/estimate.ts';
import { type PlanWish, planUpgrade } from '../../../lib/core/plan/upgrade-plan.ts';
import { readPods } from '../../../lib/core/target/pod.ts';
import { readStatefulSet } from '../../../lib/core/target/stateful-set-facts.ts';
import { NEW_HASH, podsOf, statefulSet } from '../../builders.ts';

const wish: PlanWish = {
  images: {},
  batch: 2,
  surge: 0,
  soakMs: 0,
  services: ['nginx'],
  countingWords: ['--stable-for', '3m'],
};

interface State {
  replicas?: number;
  /** Ordinals at the update revision. */
  updated?: number[];
  /** Replicas before a surge that is on. */
  former?: number;
  ordered?: boolean;
  /** Ordinals of pods that are being deleted. */
  going?: number[];
}

function planned(
  { replicas = 4, updated = [], former, ordered = false, going = [] }: State,
  more: Partial<PlanWish> = {},
) {
  const updateRevision = `nginx-${NEW_HASH}`;
  const annotations: Record<string, string> =
    former === undefined ? {} : { 'kubectl-zeroloss/former-replicas': String(former) };
  const policy = ordered ? { podManagementPolicy: 'OrderedReady' as const } : {};
  const object = statefulSet({
    ...policy,
    replicas,
    image: 'nginx:1',
    updateRevision,
    merge: { metadata: { annotations } },
  });
  const set = readStatefulSet(object);
  const pods = podsOf(object, (ordinal) => (updated.includes(ordinal) ? { revision: updateRevision } : {}));
  const known = readPods(pods, set).map((pod) => ({ ...pod, terminating: going.includes(pod.ordinal) }));
  const plan = planUpgrade(set, known, { ...wish, ...more });
  return { ...plan, words: plan.steps.map(({ words }) => words.join(' ')) };
}

const ALL = [0, 1, 2, 3];

describe('the plan of an upgrade', () => {
  it('takes a pod that is being deleted where the template is still to be set, for it may come back with the old one', () => {
    const ofNew = planned({ updated: ALL, going: [0] }, { images: { nginx: 'nginx:2' } });
    assert.deepEqual(ofNew.batches, [
      [0, 1],
      [2, 3],
    ]);
    const ofStanding = planned({ going: [0] });
    assert.deepEqual(ofStanding.batches, [[1, 2], [3]]);
  });

  it('sets a new image first, takes every pod, and lets advance move the weights', () => {
    const { words, batches, images, steps } = planned({ updated: ALL }, { images: { nginx: 'nginx:2' } });
    assert.deepEqual(words, [
      'set image statefulset/nginx nginx=nginx:2',
      'drain nginx 0,1 --skip-done',
      'wait-zero nginx 0,1 --skip-done --stable-for 3m',
      'recreate nginx 0,1 --skip-done --stable-for 3m',
      'verify nginx 0,1',
      'advance nginx --from 0,1 --to 2,3',
      'wait-zero nginx 2,3 --skip-done --stable-for 3m',
      'recreate nginx 2,3 --skip-done --stable-for 3m',
      'verify nginx 2,3',
      'advance nginx --from 2,3',
      'restore nginx',
    ]);
    assert.deepEqual(
      [batches, images],
      [
        [
          [0, 1],
          [2, 3],
        ],
        { nginx: 'nginx:2' },
      ],
    );
    assert.deepEqual(
      steps.flatMap(({ mayEnd }, index) => (mayEnd === true ? [index] : [])),
      [9],
      'the last advance alone may say that nothing is left',
    );
  });
  it('leaves an image that is set already alone, and takes what is outdated', () => {
    const { words, batches, images } = planned({ updated: [0, 2, 3] }, { images: { nginx: 'nginx:1' } });
    assert.equal(words[0], 'drain nginx 1 --skip-done');
    assert.deepEqual([batches, images], [[[1]], {}]);
  });
  it('of nothing to do has no step, not even a surge', () => {
    assert.deepEqual(planned({ updated: ALL }, { surge: 2 }).steps, []);
  });
  it('surges before the image, and takes the surplus away at the end, at zero', () => {
    const { words, surplus, steps } = planned({ updated: ALL }, { images: { nginx: 'nginx:2' }, surge: 2, batch: 4 });
    assert.deepEqual(words.slice(0, 2), [
      'surge nginx 2 --skip-done --image nginx=nginx:2',
      'set image statefulset/nginx nginx=nginx:2',
    ]);
    assert.deepEqual(words.slice(-3), [
      'drain nginx 4,5 --skip-done',
      'wait-zero nginx 4,5 --skip-done --stable-for 3m',
      'restore nginx --stable-for 3m',
    ]);
    assert.deepEqual(surplus, [4, 5]);
    assert.ok(
      steps.every(({ mayEnd }) => mayEnd === undefined),
      'advance finds the surplus to drain',
    );
  });
  it('keeps a surplus dark that would start on a template no pod has been verified on, until it is', () => {
    const { words } = planned({}, { surge: 2 });
    assert.deepEqual(words.slice(0, 3), [
      'surge nginx 2 --dark --skip-done',
      'advance nginx --from 4,5',
      'drain nginx 0,1 --skip-done',
    ]);
  });
  it('goes on from a surge that is on: counted from the replicas before it, its pods are not upgraded', () => {
    const { batches, surplus, words } = planned({ replicas: 5, former: 4 }, { surge: 1, batch: 4 });
    assert.deepEqual([batches, surplus], [[ALL], [4]]);
    assert.equal(words[0], 'surge nginx 1 --skip-done');
  });
  it('takes a surplus away that nothing needs any more', () => {
    assert.deepEqual(planned({ replicas: 5, updated: [...ALL, 4], former: 4 }).words, [
      'drain nginx 4 --skip-done',
      'wait-zero nginx 4 --skip-done --stable-for 3m',
      'restore nginx --stable-for 3m',
    ]);
  });
  it('with a soak drains each batch by itself, after the one before was observed', () => {
    const { words } = planned({}, { soakMs: 60_000 });
    assert.deepEqual(words.slice(3, 7), [
      'verify nginx 0,1',
      'restore nginx 0,1',
      'verify nginx 0,1 --for 1m',
      'drain nginx 2,3 --skip-done',
    ]);
  });
  it('takes what is drained now as its first batch, and gives back what was replaced before', () => {
    const half = planned({ updated: [3] }, { drainSet: [2, 3] });
    assert.deepEqual(half.batches, [[2], [0, 1]]);
    assert.deepEqual(half.words.slice(0, 4), [
      'recreate nginx 3 --skip-done --stable-for 3m',
      'verify nginx 3',
      'restore nginx 3',
      'drain nginx 2 --skip-done',
    ]);
    assert.deepEqual(planned({ updated: ALL }, { drainSet: [1] }).words, [
      'recreate nginx 1 --skip-done --stable-for 3m',
      'verify nginx 1',
      'restore nginx 1',
    ]);
  });
  it('says the floor in every step that drains', () => {
    const { words } = planned({}, { surge: 1, minServing: { kind: 'percent', percent: 25 } });
    assert.deepEqual(
      words.filter((line) => /--min-serving 25%$/.test(line)).map((line) => line.split(' ')[0]),
      ['advance', 'drain', 'advance', 'advance', 'drain'],
    );
  });
});

describe('the plan of a window', () => {
  it('is a loop of three verbs, and drains the surplus within it', () => {
    const { words, steps, window } = planned(
      { updated: ALL },
      { images: { nginx: 'nginx:2' }, surge: 1, maxUnavailable: 3, batch: 3, minServing: { kind: 'count', count: 1 } },
    );
    assert.deepEqual(words, [
      'surge nginx 1 --skip-done --image nginx=nginx:2',
      'set image statefulset/nginx nginx=nginx:2',
      'advance nginx --max-unavailable 3 --min-serving 1',
      'wait-zero nginx --any --stable-for 3m',
      'recreate nginx --at-zero --stable-for 3m',
      'wait-zero nginx 4 --skip-done --stable-for 3m',
      'restore nginx --stable-for 3m',
    ]);
    assert.deepEqual(
      steps.map(({ loop }) => loop === true),
      [false, false, true, true, true, false, false],
    );
    assert.deepEqual(window, { maxUnavailable: 3, startsTogether: 3 });
  });
  it('with OrderedReady says that one pod starts at a time', () => {
    const { window, steps } = planned({ ordered: true }, { maxUnavailable: 3, batch: 3 });
    assert.deepEqual(window, { maxUnavailable: 3, startsTogether: 1 });
    assert.match(steps.map(({ look }) => look).join('\n'), /OrderedReady starts one at a time/);
  });
  it('has no steps where nothing is to be done', () => {
    assert.deepEqual(planned({ updated: ALL }, { maxUnavailable: 2, batch: 2 }).words, []);
  });
});

describe('how long a plan takes', () => {
  it('with OrderedReady is the start of each pod, one after the other, in a batch and in a window', () => {
    const slow = { connections: new Map(), zeroMs: 60_000, startMs: 100_000, ordered: true, soakMs: 0 };
    assert.equal(estimated(planned({ ordered: true }), slow).leastMs, 2 * 60_000 + 4 * 100_000);
    const window = planned({ ordered: true }, { maxUnavailable: 4, batch: 4 });
    assert.equal(estimated(window, slow).leastMs, 4 * 100_000);
    const free = planned({}, { maxUnavailable: 4, batch: 4 });
    assert.equal(estimated(free, { ...slow, ordered: false }).leastMs, 160_000);
  });
  it('of pods that are drained already is what is left of their wait', () => {
    const present = {
      connections: new Map(),
      zeroMs: 60_000,
      zeroLeftMs: new Map([
        [0, 5_000],
        [1, 9_000],
      ]),
      soakMs: 0,
    };
    const { steps } = estimated(planned({}, { drainSet: [0, 1] }), { ...present, startMs: undefined });
    assert.deepEqual(
      steps.filter(({ words }) => words[0] === 'wait-zero').map(({ leastMs }) => leastMs),
      [9_000, 60_000],
    );
  });
  const present = {
    connections: new Map([0, 1, 3].map((each) => [each, each])),
    zeroMs: 60_000,
    startMs: 5_000,
    soakMs: 0,
  };
  it('is a lower bound: each wait, each start of a pod, each observation', () => {
    const bare = planned({}, { surge: 1, soakMs: 10_000 });
    const { steps, leastMs } = estimated(bare, { ...present, soakMs: 10_000 });
    assert.deepEqual(
      steps.flatMap(({ words, leastMs: ms }) => (ms === undefined ? [] : [`${words[0]} ${ms / 1000}`])),
      [
        'surge 5',
        ...['wait-zero 60', 'recreate 5', 'verify 10'],
        ...['wait-zero 60', 'recreate 5', 'verify 10'],
        'wait-zero 60',
      ],
    );
    assert.equal(leastMs, 215_000);
  });
  it('shows the connections that a wait begins with, and an unknown one as unknown', () => {
    const { steps, connections } = estimated(planned({}), present);
    assert.deepEqual(
      steps.filter(({ words }) => words[0] === 'wait-zero').map((step) => step.connections),
      [1, null],
    );
    assert.equal(connections, null);
  });
  it('of a slow source is its whole periods, and until the last is final', () => {
    const cadence = { kind: 'interval', periodMs: 60_000, settleMs: 180_000 } as const;
    assert.equal(zeroMsOf([cadence], 30_000), 360_000);
    assert.equal(zeroMsOf([], 30_000), 30_000);
  });
});
