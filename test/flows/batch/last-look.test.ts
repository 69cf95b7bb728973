import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConflictError, RefusedError, StatusError } from '../../../lib/core/errors.ts';
import type { RecreateIntent } from '../../../lib/core/intent/intent.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { recreate } from '../../../lib/flows/verbs/recreate.ts';
import { restore } from '../../../lib/flows/verbs/restore.ts';
import { surge } from '../../../lib/flows/verbs/surge.ts';
import { createCommandLines } from '../../../lib/output/results/command-lines.ts';
import { PODS, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { DeleteOptions, PatchType, Resource, WriteOptions } from '../../../lib/ports.ts';
import { OLD_HASH, service } from '../../builders.ts';
import { cloudDown, common, deletions, podUids, type Rehearsal, rehearse, zero } from '../rehearsal/rehearsal.ts';

type PatchOptions = WriteOptions & { type: PatchType };

const wish: RecreateIntent = { ...common, ...zero, evict: false, force: false };
const run = ({ world }: Rehearsal, more: Partial<RecreateIntent> = {}) => recreate(world, { ...wish, ...more });
const refused = (pattern: RegExp) => (error: unknown) => error instanceof RefusedError && pattern.test(error.message);

const drained = async (options: Parameters<typeof rehearse>[0] = {}, ordinal = 0): Promise<Rehearsal> => {
  const rehearsal = rehearse(options);
  await drain(rehearsal.world, { ...common, ordinals: [ordinal] });
  return rehearsal;
};
const giveBack = ({ world }: Rehearsal) => restore(world, { ...common, ...zero, weightsOnly: true });
/** Something happens as a request comes in, before it is answered. */
function before(rehearsal: Rehearsal, isMeant: (object: object, subresource?: string) => boolean, act: () => unknown) {
  const { kube } = rehearsal.world;
  const create = kube.create.bind(kube);
  const wrapped: typeof create = async (resource, object, options) => {
    if (isMeant(object, options?.subresource)) await act();
    return create(resource, object, options);
  };
  Object.assign(kube, { create: wrapped });
}
/** A budget forbids the first three tries of an eviction; the answer tells how many there were. */
function holdEvictions(rehearsal: Rehearsal, meanwhile: (tried: number) => unknown = () => undefined): () => number {
  let tries = 0;
  before(
    rehearsal,
    (_, subresource) => subresource === 'eviction',
    async () => {
      await meanwhile(++tries);
      if (tries < 4) throw new StatusError(429, 'TooManyRequests', 'Cannot evict pod');
    },
  );
  return () => tries;
}
const isReason = (reason: string) => (object: object) => 'reason' in object && object.reason === reason;
const nobodyGone = (rehearsal: Rehearsal) => {
  assert.deepEqual(deletions(rehearsal), []);
  assert.equal(podUids(rehearsal).has('nginx-0'), true);
};

describe('the last look before a pod goes', () => {
  it('comes after every wait of the Event: a weight that was given back meanwhile saves the pod', async () => {
    const rehearsal = await drained();
    before(rehearsal, isReason('ZerolossRecreating'), () => giveBack(rehearsal));
    await assert.rejects(run(rehearsal), refused(/annotation of service\/nginx gives nginx-0 weight 10 on TCP\/80/));
    nobodyGone(rehearsal);
  });
  it('is taken again before every try of an eviction that a budget holds up', async () => {
    const rehearsal = await drained();
    const tries = holdEvictions(rehearsal, async (tried) => {
      if (tried !== 2) return;
      await giveBack(rehearsal);
      rehearsal.source.counts.set('nginx-0', 37);
    });
    const uid = podUids(rehearsal).get('nginx-0');
    await assert.rejects(
      run(rehearsal, { evict: true, timeoutMs: 900_000 }),
      refused(/gives nginx-0 weight 10.*lb-nginx shows nginx-0 at weight 10/),
    );
    assert.equal(tries(), 2);
    assert.equal(podUids(rehearsal).get('nginx-0'), uid);
  });
  it('is taken again before the connection sends a deletion a second time', async () => {
    const rehearsal = await drained();
    const { kube } = rehearsal.world;
    const sent = kube.delete.bind(kube);
    Object.assign(kube, {
      delete: async (resource: Resource, name: string, options: DeleteOptions) => {
        await giveBack(rehearsal);
        await options.beforeSend?.(true);
        return sent(resource, name, options);
      },
    });
    await assert.rejects(run(rehearsal), refused(/gives nginx-0 weight 10.*lb-nginx shows nginx-0 at weight 10/));
    nobodyGone(rehearsal);
  });
  it('holds up nothing where the deletion whose answer was lost had been taken', async () => {
    const rehearsal = await drained();
    const { kube } = rehearsal.world;
    const sent = kube.delete.bind(kube);
    const uid = podUids(rehearsal).get('nginx-0');
    Object.assign(kube, {
      delete: async (resource: Resource, name: string, options: DeleteOptions) => {
        await sent(resource, name, options);
        await options.beforeSend?.(true);
      },
    });
    assert.equal((await run(rehearsal)).exitCode, 0);
    assert.notEqual(podUids(rehearsal).get('nginx-0'), uid);
  });
  it('is taken again before the connection sends the scale-down of a surplus a second time', async () => {
    const rehearsal = rehearse({ settled: true });
    await surge(rehearsal.world, { ...common, count: 1, dark: false });
    await drain(rehearsal.world, { ...common, ordinals: [10] });
    const { kube } = rehearsal.world;
    const sent = kube.patch.bind(kube);
    let isLost = false;
    const patch = async (resource: Resource, name: string, body: object, options: PatchOptions) => {
      if (!isLost && 'spec' in body) {
        isLost = true;
        await giveBack(rehearsal);
        await options.beforeSend?.(true);
      }
      return sent(resource, name, body, options);
    };
    Object.assign(kube, { patch });
    await assert.rejects(
      restore(rehearsal.world, { ...common, ...zero, weightsOnly: false }),
      refused(/gives nginx-10 weight 10/),
    );
    assert.equal(isLost, true);
    assert.equal(podUids(rehearsal).has('nginx-10'), true);
  });
  it('takes no pod that this batch has replaced itself for another writer’s, while a budget holds up the next one', async () => {
    const rehearsal = await drained();
    await drain(rehearsal.world, { ...common, ordinals: [0, 1] });
    const { kube } = rehearsal.world;
    const create = kube.create.bind(kube);
    let tries = 0;
    kube.create = async (resource, object, options = {}) => {
      const { name = '', subresource, beforeSend } = options;
      if (subresource !== 'eviction') return create(resource, object, options);
      await beforeSend?.(false);
      if (name === 'nginx-1' && ++tries < 4) throw new StatusError(429, 'TooManyRequests', 'Cannot evict pod');
      // The in-memory controller replaces what is deleted, not what is evicted.
      await kube.delete(PODS, name, { uid: podUids(rehearsal).get(name) });
      return { metadata: { name } };
    };
    const before = podUids(rehearsal);
    assert.equal((await run(rehearsal, { evict: true, timeoutMs: 900_000 })).exitCode, 0);
    assert.equal(tries, 4);
    for (const name of ['nginx-0', 'nginx-1']) assert.notEqual(podUids(rehearsal).get(name), before.get(name), name);
  });
  it('lets an eviction through once the budget allows it, and the pod is still at zero', async () => {
    const rehearsal = await drained();
    const tries = holdEvictions(rehearsal);
    const uid = podUids(rehearsal).get('nginx-0');
    // The in-memory server replaces what is deleted, not what is evicted.
    await assert.rejects(run(rehearsal, { evict: true }), /nginx-0/);
    assert.equal(tries(), 4);
    assert.notEqual(podUids(rehearsal).get('nginx-0'), uid);
  });
  it('holds against connections that came while the budget held it up', async () => {
    const rehearsal = await drained();
    const tries = holdEvictions(rehearsal, () => rehearsal.source.counts.set('nginx-0', 2));
    await assert.rejects(run(rehearsal, { evict: true }), refused(/nginx-0 TCP\/80 fake: 2 connections/));
    assert.equal(tries(), 1);
  });
  it('refuses once the strategy was turned to RollingUpdate', async () => {
    const rehearsal = await drained();
    rehearsal.clock.at(3000, () => {
      rehearsal.kube.edit(STATEFUL_SETS, 'nginx', (set) => {
        set['spec'] = { ...(set['spec'] as object), updateStrategy: { type: 'RollingUpdate' } };
        set['status'] = { ...(set['status'] as object), observedGeneration: 99 };
      });
    });
    await assert.rejects(run(rehearsal), refused(/updateStrategy RollingUpdate/));
    nobodyGone(rehearsal);
  });
  it('waits until the controller has seen a change: the pod would come back from a template without the operator’s yes', async () => {
    const rehearsal = await drained();
    const { clock, kube } = rehearsal;
    before(rehearsal, isReason('ZerolossRecreating'), () => {
      kube.edit(STATEFUL_SETS, 'nginx', (set) => {
        set.metadata.generation = 7;
      });
      clock.at(clock.now() - clock.startMs + 1000, () => {
        kube.edit(STATEFUL_SETS, 'nginx', (set) => {
          set['status'] = { ...(set['status'] as object), updateRevision: 'nginx-theirs', observedGeneration: 7 };
        });
      });
    });
    await assert.rejects(run(rehearsal), ConflictError);
    nobodyGone(rehearsal);
  });
  it('ends with a conflict once the template was rolled back by hand: the pod is up to date', async () => {
    const rehearsal = await drained();
    rehearsal.clock.at(3000, () => {
      rehearsal.kube.edit(STATEFUL_SETS, 'nginx', (set) => {
        set['status'] = { ...(set['status'] as object), updateRevision: `nginx-${OLD_HASH}`, observedGeneration: 99 };
      });
    });
    await assert.rejects(
      run(rehearsal),
      (error: unknown) =>
        error instanceof ConflictError && /changed the template of statefulset\/nginx/.test(error.message),
    );
    nobodyGone(rehearsal);
  });
});

describe('a Service that --service leaves out', () => {
  it('keeps its pods while its load balancer still sends, although its annotation says 0 and nothing finds it by address', async () => {
    const rehearsal = rehearse({ services: services() });
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    const { balancer } = rehearsal;
    const observe = balancer.observe.bind(balancer);
    const late: typeof observe = async (ref, options) => {
      const state = await observe(ref, options);
      if (ref.id !== 'lb-inner') return state;
      const listeners = state.listeners.map((listener) => ({
        ...listener,
        backends: listener.backends.map((backend) => ({ ...backend, weight: 10 })),
      }));
      return { ...state, listeners };
    };
    Object.assign(balancer, { observe: late, bindingsOf: undefined });
    await assert.rejects(
      run(rehearsal, { services: ['nginx'] }),
      refused(/lb-inner shows nginx-0 at weight 10 for service\/inner, and --service leaves it out/),
    );
    nobodyGone(rehearsal);
  });
  const services = () => [
    service(),
    service({ name: 'inner', selector: { app: 'nginx' }, ports: [{ port: 8080, targetPort: 80 }] }),
  ];
  it('has as its cure the drain on every Service, which does not get the --service of this run', async () => {
    const rehearsal = rehearse({ services: services() });
    await drain(rehearsal.world, { ...common, services: ['nginx'], ordinals: [0] });
    await assert.rejects(run(rehearsal, { services: ['nginx'] }), (error: unknown) => {
      assert.ok(error instanceof RefusedError);
      const own = [['--service', 'nginx'] as const];
      const { render } = createCommandLines('kubectl zeroloss', { connection: [], own });
      assert.equal(
        render(error.refusals[0]?.cure ?? ''),
        'kubectl zeroloss drain nginx 0   # on every Service: without --service',
      );
      return true;
    });
  });
  for (const cloud of ['tells who else binds a pod', 'cannot be asked by address'] as const) {
    const begin = (options: Parameters<typeof rehearse>[0] = {}): Rehearsal => {
      const rehearsal = rehearse({ services: services(), ...options });
      if (cloud === 'cannot be asked by address') Object.assign(rehearsal.balancer, { bindingsOf: undefined });
      return rehearsal;
    };
    const leftOut = (name: string) =>
      refused(new RegExp(`service/inner gives ${name} weight 10 on TCP/8080, and --service leaves it out`));

    it(`keeps its pods from recreate where the cloud ${cloud}`, async () => {
      const rehearsal = begin();
      await drain(rehearsal.world, { ...common, services: ['nginx'], ordinals: [0] });
      await assert.rejects(run(rehearsal, { services: ['nginx'] }), leftOut('nginx-0'));
      nobodyGone(rehearsal);
    });
    it(`keeps its pods from the end of a surge where the cloud ${cloud}`, async () => {
      const rehearsal = begin({ settled: true });
      await surge(rehearsal.world, { ...common, count: 2, dark: false });
      await drain(rehearsal.world, { ...common, services: ['nginx'], ordinals: [10, 11] });
      const back = restore(rehearsal.world, { ...common, ...zero, services: ['nginx'], weightsOnly: false });
      await assert.rejects(back, leftOut('nginx-11'));
      assert.equal(podUids(rehearsal).size, 12);
    });
  }
  it('whose annotation holds weight 0 too lets them go', async () => {
    const rehearsal = rehearse({ services: services() });
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    await run(rehearsal, { services: ['nginx'] });
    assert.deepEqual(deletions(rehearsal), ['nginx-0']);
  });
});

describe('--force', () => {
  it('deletes where nothing can count, and reports it', async () => {
    const rehearsal = await drained();
    rehearsal.source.countable = false;
    await assert.rejects(run(rehearsal), RefusedError);
    await run(rehearsal, { force: true });
    assert.deepEqual(deletions(rehearsal), ['nginx-0']);
    assert.match(rehearsal.report.text, /--force: deleting although .*cannot count here/);
  });
  it('deletes where the cloud cannot be asked, and reports it', async () => {
    const rehearsal = await drained();
    rehearsal.balancer.failure = cloudDown;
    await run(rehearsal, { force: true });
    assert.deepEqual(deletions(rehearsal), ['nginx-0']);
    assert.match(rehearsal.report.text, /--force: deleting although the cloud is down/);
  });
});

describe('with podManagementPolicy OrderedReady', () => {
  const sickBelow = async (podManagementPolicy: 'OrderedReady' | 'Parallel'): Promise<Rehearsal> => {
    const rehearsal = rehearse({ replicas: 5, set: { podManagementPolicy } });
    rehearsal.kube.edit(PODS, 'nginx-1', (object) => {
      const status = object['status'] as { conditions: { type: string; status: string }[] };
      for (const condition of status.conditions) if (condition.type !== 'Initialized') condition.status = 'False';
    });
    await drain(rehearsal.world, { ...common, ordinals: [3], minServing: { kind: 'count', count: 1 } });
    return rehearsal;
  };
  it('no pod is deleted above one that is not ready: it would not come back', async () => {
    const rehearsal = await sickBelow('OrderedReady');
    await assert.rejects(
      run(rehearsal),
      refused(/pod\/nginx-1 .*OrderedReady nginx-3 would not come back before it is/),
    );
    assert.deepEqual(deletions(rehearsal), []);
    await run(rehearsal, { force: true });
    assert.deepEqual(deletions(rehearsal), ['nginx-3']);
  });
  it('and with Parallel it is', async () => {
    const rehearsal = await sickBelow('Parallel');
    await run(rehearsal);
    assert.deepEqual(deletions(rehearsal), ['nginx-3']);
  });
});

describe('a request that takes pods away and has waited before it is sent', () => {
  /** `act`, and then the wait, once the request is handed over: a credential plugin, a lease to be renewed, a machine asleep. */
  const held = (rehearsal: Rehearsal, waitMs: number, act: () => unknown = () => undefined) => {
    const { kube, clock } = rehearsal.world;
    const [deletes, patches] = [kube.delete.bind(kube), kube.patch.bind(kube)];
    let isHeld = false;
    const hold = async () => {
      if (isHeld) return;
      isHeld = true;
      await act();
      await clock.sleep(waitMs);
    };
    Object.assign(kube, {
      delete: async (resource: Resource, name: string, options: DeleteOptions) => {
        await hold();
        return deletes(resource, name, options);
      },
      patch: async (resource: Resource, name: string, body: object, options: PatchOptions) => {
        if (resource.plural === 'statefulsets' && 'spec' in body) await hold();
        return patches(resource, name, body, options);
      },
    });
  };
  const again = (rehearsal: Rehearsal) => drain(rehearsal.world, { ...common, ordinals: [0] });

  it('is looked at again: a weight that was given back meanwhile saves the pod', async () => {
    for (const waitMs of [12_000, 600_000]) {
      const rehearsal = await drained();
      held(rehearsal, waitMs, () => giveBack(rehearsal));
      await assert.rejects(run(rehearsal), refused(/gives nginx-0 weight 10/));
      nobodyGone(rehearsal);
    }
  });
  it('goes on by the readings it has where nothing was written in a few seconds', async () => {
    const rehearsal = await drained();
    held(rehearsal, 12_000);
    const uid = podUids(rehearsal).get('nginx-0');
    const beganMs = rehearsal.clock.now();
    assert.equal((await run(rehearsal)).exitCode, 0);
    assert.notEqual(podUids(rehearsal).get('nginx-0'), uid);
    const quiet = await drained();
    const quietMs = quiet.clock.now();
    await run(quiet);
    assert.equal(rehearsal.clock.now() - beganMs - 12_000, quiet.clock.now() - quietMs);
  });
  it('counts anew where the weight was given and taken meanwhile, or half a minute is unknown', async () => {
    const quiet = await drained();
    const quietMs = quiet.clock.now();
    await run(quiet);
    const plainMs = quiet.clock.now() - quietMs;
    for (const [waitMs, both] of [
      [12_000, true],
      [60_000, false],
    ] as const) {
      const rehearsal = await drained();
      held(rehearsal, waitMs, async () => {
        if (!both) return;
        await giveBack(rehearsal);
        await again(rehearsal);
      });
      const beganMs = rehearsal.clock.now();
      assert.equal((await run(rehearsal, { timeoutMs: 600_000 })).exitCode, 0);
      assert.ok(
        rehearsal.clock.now() - beganMs - waitMs >= plainMs + zero.stableForMs,
        `${rehearsal.clock.now() - beganMs} ms, without the wait ${plainMs}`,
      );
    }
  });
  it('is not scaled away when a surplus pod got its weight back meanwhile, or half a minute is unknown', async () => {
    for (const [waitMs, act] of [
      [12_000, giveBack],
      [60_000, () => undefined],
    ] as const) {
      const rehearsal = rehearse({ settled: true });
      await surge(rehearsal.world, { ...common, count: 1, dark: false });
      await drain(rehearsal.world, { ...common, ordinals: [10] });
      held(rehearsal, waitMs, () => act(rehearsal));
      await assert.rejects(
        restore(rehearsal.world, { ...common, ...zero, weightsOnly: false }),
        /gives nginx-10 weight 10|nothing was scaled/,
      );
      assert.equal(podUids(rehearsal).has('nginx-10'), true);
    }
  });
});
