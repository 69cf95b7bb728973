/** A law over the whole loop of an upgrade: the steps that nextStep names, taken on a model of the cluster, come to an end. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { type NextStep, nextStep, type UpgradeState, type UpgradeWish } from '../../../lib/core/plan/next-step.ts';
import { LEAVING_NODES, withLeaving } from '../../../lib/core/target/leaving-nodes.ts';
import { isOfOtherRevision, isOutdated, readPods } from '../../../lib/core/target/pod.ts';
import { RESTART_BEGUN, RESTARTED_AT, restartTime } from '../../../lib/core/target/restart.ts';
import { readStatefulSet } from '../../../lib/core/target/stateful-set-facts.ts';
import { FORMER_REPLICAS, SURGED_REPLICAS } from '../../../lib/core/target/surplus.ts';
import { podsOf, statefulSet } from '../../builders.ts';

interface Model {
  replicas: number;
  image: string;
  restartedAt: string | undefined;
  revision: number;
  notes: Record<string, string>;
  pods: Map<number, { revision: number; node: string }>;
  drained: Set<number>;
}

interface Drawn {
  replicas: number;
  outdated: number[];
  onNode: number[];
  drained: number[];
  /** A restart that an earlier run began. */
  restartIsOn: boolean;
  restart: boolean;
  image: boolean;
  node: boolean;
  batch: number;
  surge: number;
  /** The command is stopped after so many steps, and typed again at another time. */
  stopAfter: number;
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  replicas: fc.integer({ min: 1, max: 5 }),
  outdated: fc.subarray([0, 1, 2, 3, 4]),
  onNode: fc.subarray([0, 1, 2, 3, 4]),
  drained: fc.subarray([0, 1, 2, 3, 4]),
  restartIsOn: fc.boolean(),
  restart: fc.boolean(),
  image: fc.boolean(),
  node: fc.boolean(),
  batch: fc.integer({ min: 1, max: 3 }),
  surge: fc.integer({ min: 0, max: 2 }),
  stopAfter: fc.integer({ min: 0, max: 25 }),
});

function begin({ replicas, outdated, onNode, drained: zeros, restartIsOn }: Drawn): Model {
  const ordinals = [...new Array(replicas).keys()];
  const pods = ordinals.map((ordinal) => {
    const node = onNode.includes(ordinal) ? 'old' : 'new';
    return [ordinal, { revision: outdated.includes(ordinal) ? 0 : 1, node }] as const;
  });
  return {
    replicas,
    image: 'nginx:1',
    restartedAt: restartIsOn ? 'before' : undefined,
    revision: 1,
    notes: restartIsOn ? { [RESTART_BEGUN]: 'before' } : {},
    pods: new Map(pods),
    drained: new Set(zeros.filter((ordinal) => ordinal < replicas)),
  };
}

function stateOf(model: Model, nodes: readonly string[]): UpgradeState {
  const annotations = model.restartedAt === undefined ? {} : { [RESTARTED_AT]: model.restartedAt };
  const object = statefulSet({
    replicas: model.replicas,
    image: model.image,
    updateRevision: `nginx-${model.revision}`,
    merge: { metadata: { annotations: model.notes }, spec: { template: { metadata: { annotations } } } },
  });
  const read = readStatefulSet(object);
  const set = nodes.length === 0 ? read : withLeaving(read, nodes);
  const pods = podsOf(object, (ordinal) => {
    const pod = model.pods.get(ordinal);
    return { revision: `nginx-${pod?.revision}`, merge: { spec: { nodeName: pod?.node } } };
  });
  const drainSet = [...model.drained].sort((a, b) => a - b);
  return {
    set,
    pods: readPods(pods, set),
    drainSet,
    atZero: drainSet,
    canaries: new Map(),
    consistent: true,
    bookkept: drainSet.length > 0,
  };
}

/** The step on the model; the ordinals whose pods it replaces. */
function take(model: Model, next: NextStep, { set, pods }: UpgradeState): number[] {
  const born = { revision: model.revision, node: 'new' };
  switch (next.step) {
    case 'surge': {
      model.notes = {
        ...model.notes,
        [FORMER_REPLICAS]: String(model.replicas),
        [SURGED_REPLICAS]: String(model.replicas + next.count),
      };
      for (let count = next.count; count > 0; count--) {
        if (next.dark) model.drained.add(model.replicas);
        model.pods.set(model.replicas++, { ...born });
      }
      return [];
    }
    case 'set-image':
      model.image = next.images['nginx'] ?? model.image;
      model.revision += 1;
      if (next.restartedAt !== undefined) {
        model.restartedAt = next.restartedAt;
        model.notes = { ...model.notes, [RESTART_BEGUN]: next.restartedAt };
      }
      return [];
    case 'drain':
    case 'drain-surplus':
      for (const ordinal of next.ordinals) model.drained.add(ordinal);
      return [];
    case 'recreate': {
      const due = pods.filter((pod) => next.ordinals.includes(pod.ordinal) && isOutdated(pod, set));
      for (const { ordinal } of due) model.pods.set(ordinal, { ...born });
      return due.map(({ ordinal }) => ordinal);
    }
    case 'give-back':
    case 'light':
      for (const ordinal of next.ordinals) model.drained.delete(ordinal);
      return [];
    case 'finish': {
      const former = Number(model.notes[FORMER_REPLICAS] ?? model.replicas);
      for (let ordinal = former; ordinal < model.replicas; ordinal++) model.pods.delete(ordinal);
      model.replicas = former;
      model.drained.clear();
      const isOver = !pods.some((pod) => pod.ordinal < former && isOfOtherRevision(pod, set));
      const gone = [FORMER_REPLICAS, SURGED_REPLICAS, ...(isOver ? [RESTART_BEGUN, LEAVING_NODES] : [])];
      model.notes = Object.fromEntries(Object.entries(model.notes).filter(([key]) => !gone.includes(key)));
      return [];
    }
    case 'await-going':
    case 'done':
      throw new Error(`${next.step}: nothing is to be waited for in the model`);
  }
}

const wishOf = ({ image, restart, batch, surge }: Drawn, { set }: UpgradeState, now: string): UpgradeWish => ({
  images: image ? { nginx: 'nginx:2' } : {},
  batch,
  surge,
  ...(restart ? { restartedAt: restartTime(set, now) } : {}),
});

/** The steps of one run, each with what it replaced; it ends at `done` or after `most` steps. */
function run(model: Model, given: Drawn, now: string, most: number): { steps: string[]; replaced: number[] } {
  const nodes = given.node ? ['old'] : [];
  const wish = wishOf(given, stateOf(model, nodes), now);
  const steps: string[] = [];
  const replaced: number[] = [];
  const seen = new Set<string>();
  for (;;) {
    const state = stateOf(model, nodes);
    const next = nextStep(state, wish);
    if (next.step === 'done' || steps.length === most) return { steps, replaced };
    steps.push(next.step);
    const look = JSON.stringify([model, [...model.pods], [...model.drained]]);
    assert.ok(!seen.has(look), `the same state again: ${steps.join(' ')}`);
    seen.add(look);
    assert.ok(steps.length <= 60, `no end: ${steps.join(' ')}`);
    replaced.push(...take(model, next, state));
  }
}

/** Each of these at most once a run: begun again, it would undo what the run has done. */
const ONCE = ['surge', 'set-image', 'drain-surplus', 'finish'];

it('every wish ends: an image, a restart, nodes and a surge together, and no pod that stays is replaced twice', () => {
  fc.assert(
    fc.property(drawn, (given) => {
      const model = begin(given);
      const { steps, replaced } = run(model, given, 'first', Number.POSITIVE_INFINITY);
      for (const once of ONCE)
        assert.ok(steps.filter((step) => step === once).length <= 1, `${once} twice: ${steps.join(' ')}`);
      assert.equal(new Set(replaced).size, replaced.length, `${replaced} by ${steps.join(' ')}`);
      assert.equal(model.replicas, given.replicas);
      assert.deepEqual([...model.drained], []);
      assert.equal(model.notes[FORMER_REPLICAS], undefined);
      for (const pod of model.pods.values()) assert.equal(pod.revision, model.revision);
      if (given.image) assert.equal(model.image, 'nginx:2');
      if (given.restart) assert.equal(model.restartedAt, given.restartIsOn ? 'before' : 'first');
    }),
    { numRuns: 300 },
  );
});

it('every wish ends where the command is stopped after any step and typed again later', () => {
  fc.assert(
    fc.property(drawn, (given) => {
      const model = begin(given);
      run(model, given, 'first', given.stopAfter);
      const { steps } = run(model, given, 'later', Number.POSITIVE_INFINITY);
      for (const once of ONCE)
        assert.ok(steps.filter((step) => step === once).length <= 1, `${once} twice: ${steps.join(' ')}`);
      assert.equal(model.replicas, given.replicas);
      assert.deepEqual([...model.drained], []);
    }),
    { numRuns: 300 },
  );
});
