import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type WindowActions, type WindowWish, windowActions } from '../../../lib/core/window/actions.ts';
import { FAILING_MS, isOut, PLACES, type Place, type SeenPod } from '../../../lib/core/window/place.ts';
import { seen, wish } from './window-wish.ts';

const anyPod = fc.record({
  place: fc.constantFrom(...PLACES),
  forMs: fc.constantFrom(0, FAILING_MS),
  drainedForMs: fc.constantFrom(0, 60_000),
  busy: fc.boolean(),
  uneven: fc.boolean(),
  down: fc.boolean(),
  kept: fc.boolean(),
});
const anySeen = fc
  .array(anyPod, { minLength: 1, maxLength: 12 })
  .map((all) =>
    all.map(({ kept, ...pod }, ordinal): SeenPod => ({ ordinal, ...pod, keptAtZero: kept && pod.place === 'done' })),
  );
const anyWish = fc
  .record({
    maxUnavailable: fc.integer({ min: 1, max: 6 }),
    refill: fc.constantFrom('each' as const, 'all' as const),
    ordered: fc.boolean(),
    most: fc.constantFrom(1, 4, Number.POSITIVE_INFINITY),
    allowance: fc.constantFrom(0, 1, 3, Number.POSITIVE_INFINITY),
    deferred: fc.array(fc.integer({ min: 0, max: 11 })).map((all) => new Set(all)),
    paused: fc.boolean(),
    stopped: fc.boolean(),
    busyAfterMs: fc.constantFrom(undefined, 60_000),
  })
  .map(wish);

/** With OrderedReady the controller makes no pod above it. */
const isDown = ({ place, down }: SeenPod): boolean =>
  down === true || place === 'starting' || place === 'sick' || place === 'failing';

/** The program's part of a history. */
function act(pod: SeenPod, { restore, defer, drain, level, delete: gone }: WindowActions): void {
  const { ordinal } = pod;
  if (level.includes(ordinal)) pod.uneven = false;
  if (restore.includes(ordinal)) pod.place = 'returning';
  if (gone.includes(ordinal)) Object.assign(pod, { place: 'starting', down: false });
  if (defer.includes(ordinal)) pod.place = 'serving';
  if (drain.includes(ordinal)) Object.assign(pod, { place: 'draining', drainedForMs: 0 });
  else if (pod.place === 'draining') pod.drainedForMs = (pod.drainedForMs ?? 0) + 1_000;
}

/** The world's part: clients leave, and a pod comes back, with OrderedReady behind every lower one. */
function comeOn(pod: SeenPod, world: readonly SeenPod[], ordered: boolean): void {
  const next: Partial<Record<Place, Place>> = {
    draining: 'at-zero',
    starting: 'ready',
    returning: 'soaking',
    soaking: 'done',
  };
  const isHeldUp =
    (pod.uneven === true && pod.place === 'draining') ||
    (ordered && pod.place === 'starting' && world.some((other) => other.ordinal < pod.ordinal && isDown(other)));
  if (!isHeldUp) pod.place = next[pod.place] ?? pod.place;
}

const placeOf = (pods: readonly SeenPod[], ordinal: number) => pods.find((pod) => pod.ordinal === ordinal)?.place;

describe('the window', () => {
  it('drains as many as there are free places, lowest ordinal first', () => {
    assert.deepEqual(windowActions(seen('serving', 'serving', 'serving'), wish()).drain, [0, 1]);
    assert.deepEqual(windowActions(seen('draining', 'serving', 'serving'), wish()).drain, [1]);
  });

  it('drains the next pod in the same actions only when one is back, not when its weight is merely asked for', () => {
    assert.deepEqual(windowActions(seen('returning', 'draining', 'serving'), wish()).drain, []);
    assert.deepEqual(windowActions(seen('done', 'draining', 'serving'), wish()).drain, [2]);
  });

  it('gives a place to a pod that fails of its own, and begins that pod first', () => {
    assert.deepEqual(windowActions(seen('serving', 'serving', 'failing', 'failing'), wish()).drain, [2, 3]);
    assert.deepEqual(windowActions(seen('serving', 'serving', 'failing'), wish()).drain, [0, 2]);
  });

  it('gives a place to a pod that somebody else keeps at 0, which is through and keeps no other from the end', () => {
    const kept = { ordinal: 9, place: 'done', keptAtZero: true } as const;
    const beside = (asked: WindowWish, ...places: Place[]) => windowActions([...seen(...places), kept], asked);
    assert.deepEqual(beside(wish(), 'serving', 'serving').drain, [0]);
    assert.deepEqual(beside(wish({ maxUnavailable: 1 }), 'serving', 'serving').drain, []);
    assert.equal(beside(wish(), 'done', 'done').done, true);
    const last = { refill: 'all', deferred: new Set([0]) } as const;
    assert.deepEqual(beside(wish(last), 'serving', 'done').drain, [0]);
  });

  it('begins nothing new over a sick updated pod, and lets those that are out come to their end', () => {
    const actions = windowActions(seen('sick', 'at-zero', 'ready', 'serving'), wish({ maxUnavailable: 4 }));
    assert.deepEqual(actions.drain, []);
    assert.deepEqual(actions.delete, [1]);
    assert.deepEqual(actions.restore, [2]);
    assert.deepEqual(actions.sick, [0]);
  });

  it('of a batch, deletes when all are at zero, and begins the next when none is out', () => {
    const batch = wish({ refill: 'all' });
    assert.deepEqual(windowActions(seen('at-zero', 'draining', 'serving'), batch).delete, []);
    assert.deepEqual(windowActions(seen('at-zero', 'at-zero', 'serving'), batch).delete, [0, 1]);
    assert.deepEqual(windowActions(seen('done', 'starting', 'serving'), batch).drain, []);
    assert.deepEqual(windowActions(seen('done', 'done', 'serving', 'serving', 'serving'), batch).drain, [2, 3]);
  });

  it('with OrderedReady deletes one pod at a time, the highest first, none while another is down and none above one that fails', () => {
    const ordered = wish({ ordered: true, maxUnavailable: 4 });
    assert.deepEqual(windowActions(seen('at-zero', 'at-zero', 'serving'), ordered).delete, [1]);
    assert.deepEqual(windowActions(seen('done', 'starting', 'at-zero', 'serving'), ordered).delete, []);
    assert.deepEqual(windowActions(seen('at-zero', 'starting', 'at-zero', 'serving'), ordered).delete, []);
    assert.deepEqual(windowActions(seen('at-zero', 'sick', 'serving'), ordered).delete, []);
    assert.deepEqual(windowActions(seen('at-zero', 'failing', 'at-zero'), ordered).delete, [0]);
    fc.assert(
      fc.property(anySeen, anyWish, (pods, asked) => {
        const [first, ...more] = windowActions(pods, { ...asked, ordered: true }).delete;
        assert.deepEqual(more, []);
        if (first === undefined) return;
        assert.ok(pods.filter(isDown).every(({ ordinal }) => first <= ordinal));
      }),
    );
  });

  it('with OrderedReady deletes the lowest drained pod that is not ready before any other, whatever is missing above it', () => {
    const ordered = wish({ ordered: true, maxUnavailable: 4 });
    const deleted = (downs: readonly number[], ...places: Place[]) =>
      windowActions(
        seen(...places).map((pod) => ({ ...pod, down: downs.includes(pod.ordinal) })),
        ordered,
      ).delete;
    assert.deepEqual(deleted([0], 'at-zero', 'at-zero', 'at-zero'), [0]);
    assert.deepEqual(deleted([1, 2], 'at-zero', 'at-zero', 'at-zero', 'at-zero'), [1]);
    assert.deepEqual(deleted([0], 'draining', 'at-zero', 'at-zero'), [], 'its clients stay');
    assert.deepEqual(deleted([0], 'at-zero', 'at-zero', 'starting'), [0], 'the controller does not make 2');
    assert.deepEqual(deleted([1], 'starting', 'at-zero'), [], 'nor 1 before 0');
    assert.deepEqual(deleted([0], 'at-zero', 'sick'), []);
  });

  it('asks before it begins more pods than were agreed to', () => {
    assert.deepEqual(windowActions(seen('serving', 'serving'), wish({ allowance: 0 })).ask, [0, 1]);
    const one = windowActions(seen('serving', 'serving'), wish({ allowance: 1 }));
    assert.deepEqual([one.drain, one.ask], [[0], []]);
  });

  it('asks although a pod that is out does not come back, is not proved to be at zero, or may not be deleted', () => {
    const minute = 60_000;
    const full = { filledMs: 30_000, neededMs: 30_000 };
    const longFull = { filledMs: 30_000 + minute, neededMs: 30_000 };
    const cases: [soon: Omit<SeenPod, 'ordinal'>, stays: Omit<SeenPod, 'ordinal'>][] = [
      [
        { place: 'starting', forMs: minute },
        { place: 'starting', forMs: 5 * minute },
      ],
      [
        { place: 'returning', forMs: minute },
        { place: 'returning', forMs: 5 * minute },
      ],
      [
        { place: 'draining', drainedForMs: minute, zeroFor: full },
        { place: 'draining', drainedForMs: minute, zeroFor: longFull },
      ],
      [
        { place: 'at-zero', forMs: 0 },
        { place: 'at-zero', forMs: minute },
      ],
    ];
    const askedBeside = (pod: Omit<SeenPod, 'ordinal'>) =>
      windowActions(
        [
          { ordinal: 0, ...pod },
          { ordinal: 1, place: 'serving' },
        ],
        wish({ allowance: 0 }),
      ).ask;
    for (const [soon, stays] of cases) assert.deepEqual([askedBeside(soon), askedBeside(stays)], [[], [1]], soon.place);
  });

  it('gives a pod whose clients do not leave its weight back once, and comes to it last', () => {
    const pods: SeenPod[] = [
      { ordinal: 0, place: 'draining', drainedForMs: 7_200_000, busy: true },
      { ordinal: 1, place: 'serving' },
    ];
    const first = windowActions(pods, wish({ maxUnavailable: 1, busyAfterMs: 7_200_000 }));
    assert.deepEqual([first.defer, first.drain], [[0], []], 'its place is free once the load balancer sends to it');
    const later = wish({ maxUnavailable: 1, busyAfterMs: 7_200_000, deferred: new Set([0]) });
    assert.deepEqual(windowActions(seen('serving', 'serving'), later).drain, [1]);
    assert.deepEqual(windowActions(seen('serving', 'draining'), later).drain, []);
    assert.deepEqual(windowActions(seen('serving', 'done'), later).drain, [0]);
    assert.deepEqual(windowActions(pods, later).defer, [], 'the second time it is waited for');
  });

  it('fills every free place with pods that were deferred, once no other is left to do', () => {
    const later = wish({ maxUnavailable: 2, busyAfterMs: 60_000, deferred: new Set([0, 1, 2]) });
    const busy: SeenPod = { ordinal: 0, place: 'draining', drainedForMs: 90_000, busy: true };
    const others: SeenPod[] = [
      { ordinal: 1, place: 'serving' },
      { ordinal: 2, place: 'serving' },
    ];
    assert.deepEqual(windowActions([busy, ...others], later).drain, [1]);
    assert.deepEqual(windowActions([...others, { ordinal: 3, place: 'draining' }], later).drain, []);
  });

  it('drains and deletes nothing while it is paused, and gives weights back', () => {
    const actions = windowActions(seen('ready', 'at-zero', 'serving'), wish({ paused: true, maxUnavailable: 3 }));
    assert.deepEqual([actions.restore, actions.drain, actions.delete], [[0], [], []]);
  });

  it('has never more pods out by its own doing than the window, and drains no serving pod while as many are out for any reason', () => {
    fc.assert(
      fc.property(anySeen, anyWish, (pods, asked) => {
        const { drain } = windowActions(pods, asked);
        const begun = pods.filter((pod) => isOut(pod) && pod.place !== 'failing');
        assert.ok(drain.length === 0 || begun.length + drain.length <= asked.maxUnavailable);
        const out = new Set([...pods.filter(isOut).map(({ ordinal }) => ordinal), ...drain]);
        const isServingDrained = drain.some((ordinal) => placeOf(pods, ordinal) === 'serving');
        assert.ok(!isServingDrained || out.size <= asked.maxUnavailable);
      }),
    );
  });

  it('deletes only pods that are at zero, and drains only pods that are outdated', () => {
    fc.assert(
      fc.property(anySeen, anyWish, (pods, asked) => {
        const actions = windowActions(pods, asked);
        for (const ordinal of actions.delete) assert.equal(placeOf(pods, ordinal), 'at-zero');
        for (const ordinal of actions.restore) assert.equal(placeOf(pods, ordinal), 'ready');
        for (const ordinal of actions.drain)
          assert.ok(['serving', 'failing'].includes(placeOf(pods, ordinal) ?? ''), `ordinal ${ordinal}`);
        if (actions.sick.length > 0 || asked.stopped || asked.paused) assert.deepEqual(actions.drain, []);
      }),
    );
  });

  it('drains a pod again that is not at 0 everywhere, before it begins another, and neither deletes it nor gives it its weight back', () => {
    const pods: SeenPod[] = [
      { ordinal: 0, place: 'draining', uneven: true, busy: true, drainedForMs: 60_000 },
      { ordinal: 1, place: 'serving' },
    ];
    const { drain, level, ask, defer } = windowActions(pods, wish({ allowance: 0, busyAfterMs: 60_000 }));
    assert.deepEqual({ drain, level, ask, defer }, { drain: [], level: [0], ask: [], defer: [] });
    fc.assert(
      fc.property(anySeen, anyWish, (pods, asked) => {
        const actions = windowActions(pods, asked);
        const due = pods.filter((pod) => pod.uneven && (pod.place === 'draining' || pod.place === 'at-zero'));
        const ordinals = due.map(({ ordinal }) => ordinal);
        assert.deepEqual(actions.level, asked.paused ? [] : ordinals, 'whatever else stops the run');
        for (const ordinal of ordinals)
          for (const not of [actions.delete, actions.defer, actions.drain]) assert.ok(!not.includes(ordinal));
        if (actions.level.length > 0) assert.deepEqual([actions.drain, actions.ask], [[], []]);
      }),
    );
  });

  it('begins no more pods than the run comes to, and is done once those are', () => {
    const half = wish({ most: 2, maxUnavailable: 4 });
    assert.deepEqual(windowActions(seen('done', 'serving', 'serving', 'failing'), half).drain, [3]);
    assert.deepEqual(windowActions(seen('done', 'draining', 'serving', 'failing'), half).drain, []);
    assert.equal(windowActions(seen('done', 'draining', 'serving'), half).done, false);
    assert.equal(windowActions(seen('done', 'done', 'serving', 'failing'), half).done, true);
    fc.assert(
      fc.property(anySeen, anyWish, (pods, asked) => {
        const begun = pods.filter(({ place }) => place !== 'serving' && place !== 'failing').length;
        const { drain, ask } = windowActions(pods, asked);
        assert.ok(drain.length + ask.length <= Math.max(0, asked.most - begun));
      }),
    );
  });

  it('ends every history in which clients leave and pods come back, whether drained pods are ready or not: each pod deleted once, and never more out than the window', () => {
    const history = fc.record({
      pods: fc.integer({ min: 1, max: 8 }),
      failing: fc.array(fc.nat({ max: 7 }), { maxLength: 3 }),
      falls: fc.array(fc.record({ tick: fc.nat({ max: 40 }), ordinal: fc.nat({ max: 7 }) }), { maxLength: 3 }),
      wish: anyWish,
      busyAfterMs: fc.constantFrom(undefined, 2_000),
      kept: fc.nat({ max: 3 }),
      moves: fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
      newServices: fc.array(fc.nat({ max: 40 }), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(history, ({ pods, failing, falls, kept, wish: asked, busyAfterMs, moves, newServices }) => {
        const world = seen(
          ...Array.from({ length: pods }, (_, ordinal): Place => (failing.includes(ordinal) ? 'failing' : 'serving')),
        ).map((pod): SeenPod => ({ ...pod, down: pod.place === 'failing' }));
        const due = world.map(({ ordinal }) => ordinal);
        for (let each = 0; each < Math.min(kept, asked.maxUnavailable - 1); each++)
          world.push({ ordinal: pods + each, place: 'done', keptAtZero: true });
        const deferred = new Set<number>();
        const deleted: number[] = [];
        let allowance = asked.allowance;
        let ticks = 0;
        for (; ; ticks++) {
          assert.ok(ticks < 400, 'it never ends');
          const paused = asked.paused && ticks < 5;
          const now = {
            ...asked,
            most: Number.POSITIVE_INFINITY,
            paused,
            stopped: false,
            allowance,
            busyAfterMs,
            deferred,
          };
          const actions = windowActions(world, now);
          if (actions.done) break;
          if (actions.ask.length > 0) allowance = asked.maxUnavailable;
          allowance -= actions.drain.length;
          for (const ordinal of actions.defer) deferred.add(ordinal);
          deleted.push(...actions.delete);
          for (const pod of world) act(pod, actions);
          for (const pod of world)
            if (newServices.includes(ticks) && (pod.place === 'draining' || pod.place === 'at-zero'))
              Object.assign(pod, { place: 'draining', uneven: true });
          for (const pod of world)
            if (
              (pod.place === 'draining' || pod.place === 'at-zero') &&
              falls.some(({ tick, ordinal }) => tick === ticks && ordinal === pod.ordinal)
            )
              pod.down = true;
          const out = world.filter((pod) => isOut(pod) && !failing.includes(pod.ordinal));
          assert.ok(out.length <= asked.maxUnavailable, `${out.length} out`);
          // The world takes its time, and from some moment on does everything at once.
          for (const pod of world)
            if (ticks > 40 || moves[(ticks + 7 * pod.ordinal) % moves.length] === true)
              comeOn(pod, world, asked.ordered);
        }
        assert.deepEqual(
          deleted.toSorted((a, b) => a - b),
          due,
        );
      }),
    );
  });

  it('does the same for the same look, in any order of the pods', () => {
    fc.assert(
      fc.property(anySeen, anyWish, (pods, asked) => {
        assert.deepEqual(windowActions([...pods].reverse(), asked), windowActions(pods, asked));
      }),
    );
  });
});
