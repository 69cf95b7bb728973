import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import fc from 'fast-check';
import { NotYetError, RefusedError } from '../../../lib/core/errors.ts';
import type { Facts } from '../../../lib/core/facts/facts.ts';
import type { RecreateIntent } from '../../../lib/core/intent/intent.ts';
import { zeroGrounds } from '../../../lib/flows/batch/zero-grounds.ts';
import { gather } from '../../../lib/flows/target/gather.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { recreate } from '../../../lib/flows/verbs/recreate.ts';
import { restore } from '../../../lib/flows/verbs/restore.ts';
import { scale } from '../../../lib/flows/verbs/scale.ts';
import { surge } from '../../../lib/flows/verbs/surge.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { PODS, SERVICES, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { service } from '../../builders.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { common, deletions, podUids, type Rehearsal, rehearse, showWriters, zero } from '../rehearsal/rehearsal.ts';
import { windowOfThree } from '../rehearsal/windows.ts';

// The source here counts as the load balancer does: the last look itself sees no connection.

const renew = ({ world }: Rehearsal, more: Partial<RecreateIntent> = {}) =>
  recreate(world, { ...common, ...zero, evict: false, force: false, timeoutMs: 600_000, ...more });
const scaleIn = ({ world }: Rehearsal) => scale(world, { ...common, ...zero, replicas: 9, timeoutMs: 600_000 });
const unsurge = ({ world }: Rehearsal, more = {}) =>
  restore(world, { ...common, ...zero, weightsOnly: false, timeoutMs: 600_000, ...more });

async function drained(options: Parameters<typeof rehearse>[0] = {}, ordinal = 0): Promise<Rehearsal> {
  const rehearsal = rehearse(options);
  await drain(rehearsal.world, { ...common, ordinals: [ordinal] });
  return rehearsal;
}
async function surged(): Promise<Rehearsal> {
  const rehearsal = rehearse({ settled: true });
  await surge(rehearsal.world, { ...common, count: 1, dark: false });
  await drain(rehearsal.world, { ...common, ordinals: [10] });
  return rehearsal;
}
/** A colleague gives the weight back and takes it again: clients have come in between, and stay. */
async function givenAndTaken({ world, source }: Rehearsal, ordinal = 0): Promise<void> {
  await restore(world, { ...common, ...zero, ordinals: [ordinal], weightsOnly: true });
  source.counts.set(`nginx-${ordinal}`, 3);
  await drain(world, { ...common, ordinals: [ordinal], minServing: { kind: 'count', count: 1 } });
}
const inMs = ({ clock }: Rehearsal, ms: number, act: () => unknown) =>
  clock.at(clock.now() - clock.startMs + ms, () => void act());

/** The API server takes its time for the Event of a deletion. */
function slowEvent({ kube, clock }: Rehearsal, tookMs: number, meanwhile: () => unknown = () => undefined): void {
  const create = kube.create.bind(kube);
  let isFirst = true;
  kube.create = async (resource, object, options) => {
    if (isFirst && 'reason' in object && object.reason === 'ZerolossRecreating') {
      isFirst = false;
      await meanwhile();
      await clock.sleep(tookMs);
    }
    return create(resource, object, options);
  };
}
/** The answer to the first scale-down is lost, and the connection sends it again. */
function sentTwice({ kube, clock }: Rehearsal, waitMs: number, meanwhile: () => unknown = () => undefined): void {
  const patch = kube.patch.bind(kube);
  let isFirst = true;
  kube.patch = async (resource, name, body, options) => {
    if (isFirst && resource.plural === 'statefulsets' && 'spec' in body) {
      isFirst = false;
      await options.beforeSend?.(false);
      await meanwhile();
      await clock.sleep(waitMs);
      await options.beforeSend?.(true);
    }
    return patch(resource, name, body, options);
  };
}
/** The controller has not seen the newest generation in this time, counted from now. */
function lateController(rehearsal: Rehearsal, fromMs: number, toMs: number): void {
  const { kube } = rehearsal;
  inMs(rehearsal, fromMs, () =>
    kube.edit(STATEFUL_SETS, 'nginx', ({ metadata }) => {
      metadata.generation = Number(metadata.generation) + 1;
    }),
  );
  inMs(rehearsal, toMs, () =>
    kube.edit(STATEFUL_SETS, 'nginx', (set) => {
      set['status'] = { ...(set['status'] as object), observedGeneration: set.metadata.generation };
    }),
  );
}
function setReady({ kube }: Rehearsal, name: string, status: 'True' | 'False'): void {
  kube.edit(PODS, name, (object) => {
    const { conditions } = object['status'] as { conditions: { type: string; status: string }[] };
    for (const condition of conditions) if (condition.type !== 'Initialized') condition.status = status;
  });
}

/** A write to the Service that has nothing to do with weights. */
const noteOn = (kube: Rehearsal['kube'], name: string): unknown =>
  kube.edit(SERVICES, name, ({ metadata }) => {
    metadata.annotations = { ...metadata.annotations, note: `${metadata.annotations?.['note'] ?? ''}.` };
  });

describe('a proof of zero', () => {
  it('holds without managedFields for half a minute from its look, and only while no Service is written, whatever looks come between', async () => {
    const step = fc.record({ restMs: fc.integer({ min: 0, max: 12_000 }), writes: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        const rehearsal = rehearse();
        const { clock, world } = rehearsal;
        const atMs = clock.now();
        const grounds = zeroGrounds(clock, common, { facts: await gather(world, common), atMs }, [0]);
        let isWritten = false;
        for (const { restMs, writes } of steps) {
          await clock.sleep(restMs);
          if (writes) noteOn(rehearsal.kube, 'nginx');
          isWritten ||= writes;
          const isRecent = clock.now() - atMs <= 30_000;
          assert.equal(grounds.isRecent(), isRecent);
          assert.equal(grounds.holdAt(await gather(world, common)), isRecent && !isWritten);
        }
      }),
      { numRuns: 50 },
    );
  });
  it('holds over a write that gives no weight, as the controller makes one at every sync, and over none that may have', async () => {
    const voids: [string, boolean, (rehearsal: Rehearsal) => unknown][] = [
      ['a note', true, ({ kube }) => noteOn(kube, 'nginx')],
      ['given and taken by these verbs', false, (rehearsal) => givenAndTaken(rehearsal)],
      [
        'given and taken by another client',
        false,
        ({ kube, clock }) =>
          kube.edit(SERVICES, 'nginx', ({ metadata }) => {
            const [own] = metadata['managedFields'] as { manager: string }[];
            const time = new Date(clock.now()).toISOString();
            metadata['managedFields'] = [own, { ...own, manager: 'kubectl-edit', time }];
          }),
      ],
      [
        'another port',
        false,
        ({ kube }) =>
          kube.edit(SERVICES, 'nginx', (object) => {
            const spec = object['spec'] as { ports: object[] };
            object['spec'] = { ...spec, ports: [...spec.ports, { port: 81, protocol: 'TCP', targetPort: 80 }] };
          }),
      ],
    ];
    for (const [name, holds, act] of voids) {
      const rehearsal = rehearse();
      showWriters(rehearsal);
      const { clock, world } = rehearsal;
      await drain(world, { ...common, ordinals: [0] });
      await clock.sleep(3_000);
      const facts = await gather(world, common);
      const grounds = zeroGrounds(clock, common, { facts, atMs: clock.now() }, [0]);
      await act(rehearsal);
      const now = await gather(world, common);
      assert.notDeepEqual(
        now.services.map(({ service: { resourceVersion } }) => resourceVersion),
        facts.services.map(({ service: { resourceVersion } }) => resourceVersion),
        name,
      );
      assert.equal(grounds.holdAt(now), holds, name);
    }
  });
  it('does not hold once a Service is there that its look did not see, or one is gone', async () => {
    const rehearsal = rehearse();
    const before = await gather(rehearsal.world, common);
    rehearsal.kube.put(service({ name: 'inner', selector: { app: 'nginx' } }));
    const after = await gather(rehearsal.world, common);
    for (const [seen, now] of [
      [before, after],
      [after, before],
    ] as const)
      assert.equal(
        zeroGrounds(new FakeClock(), common, { facts: seen, atMs: new FakeClock().now() }, [0]).holdAt(now),
        false,
      );
  });
  it('counts a Service that --service leaves out from the first look that shows it', async () => {
    const rehearsal = rehearse({ services: [service(), service({ name: 'inner', selector: { app: 'nginx' } })] });
    const { clock, world } = rehearsal;
    const chosen = { ...common, services: ['nginx'] };
    const all = (): Promise<Facts> => gather(world, common);
    const grounds = zeroGrounds(clock, chosen, { facts: await gather(world, chosen), atMs: clock.now() }, [0]);
    assert.equal(grounds.holdAt(await all()), true);
    assert.equal(grounds.holdAt(await gather(world, chosen)), true);
    noteOn(rehearsal.kube, 'inner');
    assert.equal(grounds.holdAt(await all()), false);
  });
});

describe('a deletion whose Event waits for the API server', () => {
  it('does not come where a weight was given and taken meanwhile: recreate refuses, with the clients that stay', async () => {
    const rehearsal = await drained();
    slowEvent(rehearsal, 20_000, () => givenAndTaken(rehearsal));
    await assert.rejects(
      renew(rehearsal),
      (error: unknown) => error instanceof RefusedError && /nginx-0 TCP\/80 fake: 3 connections/.test(error.message),
    );
    assert.deepEqual(deletions(rehearsal), []);
  });
  it('does not come after a minute on readings from before it', async () => {
    const rehearsal = await drained();
    slowEvent(rehearsal, 60_000, () => rehearsal.source.counts.set('nginx-0', 3));
    await assert.rejects(renew(rehearsal), RefusedError);
    assert.deepEqual(deletions(rehearsal), []);
  });
  it('comes after a minute once the stability window was counted anew', async () => {
    const rehearsal = await drained();
    slowEvent(rehearsal, 60_000);
    const beganMs = rehearsal.clock.now();
    assert.equal((await renew(rehearsal)).exitCode, 0);
    assert.deepEqual(deletions(rehearsal), ['nginx-0']);
    assert.ok(rehearsal.clock.now() - beganMs >= 60_000 + 2 * zero.stableForMs);
  });
  it('leaves the pod of a window as it is where a weight was given and taken meanwhile', async () => {
    const rehearsal = rehearse({ replicas: 4 });
    slowEvent(rehearsal, 20_000, () => givenAndTaken(rehearsal));
    await assert.rejects(upgrade(rehearsal.world, { ...windowOfThree, timeoutMs: 120_000 }), NotYetError);
    assert.equal(deletions(rehearsal).includes('nginx-0'), false);
  });
});

describe('a controller that is late between the proof and the last look', () => {
  it('costs no pod its clients: scale proves once more, and waits for them', async () => {
    const rehearsal = rehearse({ settled: true });
    lateController(rehearsal, 9_000, 60_000);
    inMs(rehearsal, 30_000, () => givenAndTaken(rehearsal, 9));
    await assert.rejects(
      scaleIn(rehearsal),
      (error: unknown) =>
        error instanceof NotYetError && /not at zero yet: nginx-9 TCP\/80 fake: 3 conn/.test(error.message),
    );
    assert.equal(podUids(rehearsal).has('nginx-9'), true);
  });
  it('is waited for by scale, which counts the stability window anew', async () => {
    const rehearsal = rehearse({ settled: true });
    const beganMs = rehearsal.clock.now();
    lateController(rehearsal, 9_000, 60_000);
    assert.equal((await scaleIn(rehearsal)).exitCode, 0);
    assert.equal(podUids(rehearsal).has('nginx-9'), false);
    assert.ok(rehearsal.clock.now() - beganMs >= 60_000 + zero.stableForMs);
  });
  it('keeps recreate from a pod that got weight meanwhile', async () => {
    const rehearsal = await drained();
    lateController(rehearsal, 9_000, 24_000);
    inMs(rehearsal, 18_000, () => givenAndTaken(rehearsal));
    await assert.rejects(renew(rehearsal), RefusedError);
    assert.deepEqual(deletions(rehearsal), []);
  });
});

describe('a scale-down that the connection sends again', () => {
  const ENDS = (error: unknown) =>
    error instanceof NotYetError && /came between .* and the scale-down; nothing was scaled/.test(error.message);
  for (const [verb, ordinal, begin, run] of [
    ['scale', 9, async () => rehearse({ settled: true }), scaleIn],
    ['restore of a surplus', 10, surged, unsurge],
  ] as const) {
    it(`ends ${verb} with 6 where a weight was given and taken meanwhile`, async () => {
      const rehearsal = await begin();
      sentTwice(rehearsal, 0, () => givenAndTaken(rehearsal, ordinal));
      await assert.rejects(run(rehearsal), ENDS);
      assert.equal(podUids(rehearsal).has(`nginx-${ordinal}`), true);
    });
    it(`ends ${verb} with 6 a minute after the first sending`, async () => {
      const rehearsal = await begin();
      sentTwice(rehearsal, 60_000);
      await assert.rejects(run(rehearsal), ENDS);
      assert.equal(podUids(rehearsal).has(`nginx-${ordinal}`), true);
    });
    it(`goes through for ${verb} seconds later, where nothing was written`, async () => {
      const rehearsal = await begin();
      sentTwice(rehearsal, 8_000);
      assert.equal((await run(rehearsal)).exitCode, 0);
      assert.equal(podUids(rehearsal).has(`nginx-${ordinal}`), false);
    });
  }
});

test('several deletions that wait for one look all rest on its end, and none on its beginning', async () => {
  const rehearsal = await drained({}, 0);
  const { kube, clock, world } = rehearsal;
  await drain(world, { ...common, ordinals: [0, 1], minServing: { kind: 'count', count: 1 } });
  const send = kube.delete.bind(kube);
  // As a credential plugin does.
  kube.delete = async (...call) => {
    await clock.sleep(8_000);
    return send(...call);
  };
  let isGiven = false;
  kube.beforeWrite(({ resource, body }) => {
    if (isGiven || resource !== 'events' || (body as { reason?: string }).reason !== 'ZerolossRecreating') return;
    isGiven = true;
    inMs(rehearsal, 4_000, () => restore(world, { ...common, ...zero, weightsOnly: true }));
  });
  await assert.rejects(renew(rehearsal, { ordinals: [0, 1] }), RefusedError);
  assert.ok(isGiven);
  assert.deepEqual(deletions(rehearsal), []);
});

for (const [verb, ordinal, begin, run] of [
  ['scale', 9, async () => rehearse({ settled: true }), scaleIn],
  ['restore of a surplus', 10, surged, unsurge],
] as const) {
  test(`a controller that writes a Service as zero is proved holds ${verb} up no longer than a reading`, async () => {
    const rehearsal = await begin();
    showWriters(rehearsal);
    const { kube, source } = rehearsal;
    const read = source.read.bind(source);
    const fullMs = rehearsal.clock.now() + zero.stableForMs;
    let writes = 0;
    source.read = async (backends) => {
      const series = await read(backends);
      if (rehearsal.clock.now() >= fullMs && writes++ < 4) noteOn(kube, 'nginx');
      return series;
    };
    assert.equal((await run(rehearsal)).exitCode, 0);
    assert.equal(podUids(rehearsal).has(`nginx-${ordinal}`), false);
    assert.ok(writes > 0);
  });
}

describe('the order of podManagementPolicy OrderedReady', () => {
  const ordered = () => drained({ set: { podManagementPolicy: 'OrderedReady' } }, 3);
  for (const atZero of [false, true]) {
    const flag = atZero ? 'recreate --at-zero' : 'recreate';
    it(`is judged at the last look: ${flag} deletes no pod above one that failed during the wait`, async () => {
      const rehearsal = await ordered();
      inMs(rehearsal, 5_000, () => setReady(rehearsal, 'nginx-1', 'False'));
      await assert.rejects(
        renew(rehearsal, { atZero }),
        (error: unknown) => error instanceof RefusedError && /nginx-3 would not come back before/.test(error.message),
      );
      assert.deepEqual(deletions(rehearsal), []);
    });
  }
  it('lets recreate --at-zero delete above one that became ready during the wait', async () => {
    const rehearsal = await ordered();
    setReady(rehearsal, 'nginx-1', 'False');
    inMs(rehearsal, 5_000, () => setReady(rehearsal, 'nginx-1', 'True'));
    assert.equal((await renew(rehearsal, { atZero: true })).exitCode, 0);
    assert.deepEqual(deletions(rehearsal), ['nginx-3']);
  });
});
