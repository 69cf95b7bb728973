import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { PodBinding } from '../../../lib/core/facts/backends.ts';
import type { Facts } from '../../../lib/core/facts/facts.ts';
import type { MinServing } from '../../../lib/core/intent/intent.ts';
import { floorOf } from '../../../lib/core/safety/floor.ts';
import { floorRefusals } from '../../../lib/core/safety/floor-check.ts';
import { union } from '../../../lib/core/target/ordinals.ts';

interface Backend {
  ordinal: number;
  listener: string;
  weight: number;
  health: 'alive' | 'dead' | 'off';
  terminating: boolean;
}

const REPLICAS = 8;
/** One Service before every pod, and nothing drained yet. */
const facts = {
  set: { name: 'nginx', replicas: REPLICAS, start: 0 },
  services: [
    {
      service: { name: 'nginx' },
      selection: { now: Array.from({ length: REPLICAS }, (_, index) => index), isWhole: true, reaches: () => true },
      drained: { some: [], all: [] },
    },
  ],
} as unknown as Facts;

/** A listener of service/nginx, one binding for each of its backends. */
const bindingsOf = (backends: readonly Backend[]): PodBinding[] =>
  backends.map(
    ({ ordinal, listener, weight, health, terminating }) =>
      ({
        service: { name: 'nginx' },
        port: { protocol: 'TCP', port: Number(listener) },
        pod: { ordinal, ready: true, terminating },
        wanted: weight,
        balancer: { id: 'lb-nginx' },
        listener: { id: listener, protocol: 'TCP', port: Number(listener), scheduler: 'WRR' },
        bindings: [{ weight, health }],
      }) as unknown as PodBinding,
  );

const refusals = (
  backends: readonly Backend[],
  drainSet: readonly number[],
  asked: MinServing,
  { returning = [], coming = [] }: { returning?: readonly number[]; coming?: readonly number[] } = {},
) => floorRefusals(facts, bindingsOf(backends), drainSet, { asked, budget: undefined }, returning, coming);

const ordinal = fc.integer({ min: 0, max: REPLICAS - 1 });
const ordinals = fc.uniqueArray(ordinal, { maxLength: REPLICAS });
const someOrdinals = fc.uniqueArray(ordinal, { minLength: 1, maxLength: REPLICAS });
const backends = fc.uniqueArray(
  fc.record<Backend>({
    ordinal,
    listener: fc.constantFrom('80', '443'),
    weight: fc.constantFrom(0, 10),
    health: fc.constantFrom('alive', 'dead', 'off'),
    terminating: fc.boolean(),
  }),
  { selector: ({ ordinal: of, listener }) => `${of} ${listener}`, maxLength: 16 },
);
const floor: fc.Arbitrary<MinServing> = fc.oneof(
  fc.record({ kind: fc.constant('count' as const), count: fc.integer({ min: 0, max: REPLICAS }) }),
  fc.record({ kind: fc.constant('percent' as const), percent: fc.integer({ min: 0, max: 100 }) }),
);

describe('laws of the floor', () => {
  it('an allowed drain leaves at least the floor of serving backends on every listener', () => {
    fc.assert(
      fc.property(backends, someOrdinals, floor, (all, drainSet, asked) => {
        if (refusals(all, drainSet, asked).length > 0) return;
        for (const listener of new Set(all.map((each) => each.listener))) {
          const left = all.filter(
            (each) =>
              each.listener === listener &&
              !drainSet.includes(each.ordinal) &&
              each.weight > 0 &&
              each.health !== 'dead' &&
              !each.terminating,
          );
          assert.ok(left.length >= floorOf(asked, REPLICAS));
        }
      }),
    );
  });

  it('draining more never makes a refused drain allowed', () => {
    fc.assert(
      fc.property(backends, ordinals, ordinals, floor, (all, drainSet, more, asked) => {
        const before = refusals(all, drainSet, asked).length;
        assert.ok(refusals(all, union(drainSet, more), asked).length >= before);
      }),
    );
  });

  it('a backend more, a return and a surge never make an allowed drain refused', () => {
    fc.assert(
      fc.property(backends, ordinals, ordinals, fc.integer({ min: 0, max: REPLICAS }), (all, drainSet, more, count) => {
        const asked: MinServing = { kind: 'count', count };
        const before = refusals(all, drainSet, asked).length;
        assert.ok(refusals(all, drainSet, asked, { returning: more }).length <= before);
        assert.ok(refusals(all, drainSet, asked, { coming: [REPLICAS] }).length <= before);
      }),
    );
  });

  it('a pod without traffic that is to get it counts once: the floor is the share of the replicas that there are', () => {
    const dark = REPLICAS - 1;
    const all = Array.from({ length: REPLICAS }, (_, of): Backend => {
      return { ordinal: of, listener: '80', weight: of === dark ? 0 : 10, health: 'alive', terminating: false };
    });
    for (let percent = 0; percent <= 100; percent += 1)
      for (let count = 1; count < REPLICAS; count += 1) {
        const drainSet = Array.from({ length: count }, (_, of) => of);
        const isRefused = refusals(all, drainSet, { kind: 'percent', percent }, { coming: [dark] }).length > 0;
        assert.equal(isRefused, REPLICAS - count < floorOf({ kind: 'percent', percent }, REPLICAS));
      }
  });

  it('a returning ordinal counts where it is healthy, and a drained one never', () => {
    fc.assert(
      fc.property(backends, someOrdinals, (all, drainSet) => {
        const asked: MinServing = { kind: 'count', count: 1 };
        const back = { returning: all.map((each) => each.ordinal) };
        const isLeft = (each: Backend) =>
          !drainSet.includes(each.ordinal) && !each.terminating && each.health !== 'dead';
        const listeners = new Set(all.map(({ listener }) => listener));
        const empty = [...listeners].filter(
          (listener) => !all.some((each) => each.listener === listener && isLeft(each)),
        );
        assert.equal(refusals(all, drainSet, asked, back).length, empty.length);
      }),
    );
  });

  it('a drain that takes weight from no pod is never refused: it leaves nothing worse than it was', () => {
    fc.assert(
      fc.property(backends, floor, (all, asked) => {
        assert.deepEqual(refusals(all, [], asked), []);
      }),
    );
  });

  it('no floor refuses nothing', () => {
    fc.assert(
      fc.property(backends, ordinals, (all, drainSet) => {
        assert.deepEqual(refusals(all, drainSet, { kind: 'count', count: 0 }), []);
      }),
    );
  });

  it('holds with the floor that the override names', () => {
    fc.assert(
      fc.property(backends, ordinals, floor, (all, drainSet, asked) => {
        const [refusal] = refusals(all, drainSet, asked);
        if (refusal === undefined) return;
        const count = Number(/\d+$/.exec(refusal.override ?? '')?.[0]);
        assert.deepEqual(refusals(all, drainSet, { kind: 'count', count }), []);
      }),
    );
  });

  it('every refusal is of the rule "floor", and names the listener and what overrides it', () => {
    fc.assert(
      fc.property(backends, ordinals, floor, (all, drainSet, asked) => {
        for (const { rule, message, override } of refusals(all, drainSet, asked)) {
          assert.equal(rule, 'floor');
          assert.match(message, /TCP.(80|443)/);
          assert.match(override ?? '', /^--min-serving \d+$/);
        }
      }),
    );
  });
});
