import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CloudError, NotYetError, RefusedError } from '../../../lib/core/errors.ts';
import { number, text } from '../../../lib/core/values/read.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { recreate } from '../../../lib/flows/verbs/recreate.ts';
import { restore } from '../../../lib/flows/verbs/restore.ts';
import { surge } from '../../../lib/flows/verbs/surge.ts';
import { waitZero } from '../../../lib/flows/verbs/wait-zero.ts';
import { PODS, SERVICES, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { AddressBinding, ConnectionSource, CountedBackend } from '../../../lib/ports.ts';
import { service } from '../../builders.ts';
import { common, deletions, type Rehearsal, type RehearsalOptions, rehearse, zero } from '../rehearsal/rehearsal.ts';

const OTHER_PORT = 8080;
const binding = (weight: number, more: Partial<AddressBinding> = {}): AddressBinding => ({
  balancerId: 'lb-other',
  listenerId: 'lbl-other',
  protocol: 'TCP',
  port: OTHER_PORT,
  address: '10.0.0.10',
  backendPort: 80,
  weight,
  ...more,
});

/** Counts per listener, as Cloud Monitor does: what comes by another listener does not show on this one. */
function countPerListener({ clock }: Rehearsal, counts: ReadonlyMap<number, number>): ConnectionSource {
  return {
    name: 'listeners',
    prove: async (backends) => backends.map((backend) => ({ backend, countable: true, because: 'counts' })),
    read: async (backends: readonly CountedBackend[]) =>
      backends.map((backend) => ({
        source: 'listeners',
        backend,
        cadence: { kind: 'instant', periodMs: 1000, settleMs: 0 },
        points: [{ atMs: clock.now(), untilMs: clock.now(), value: counts.get(backend.listener.port) ?? 0 }],
      })),
  };
}

/** Knows of every past second that it was quiet. */
function remembering({ clock }: Rehearsal): ConnectionSource {
  const periodMs = 1000;
  return {
    name: 'past',
    prove: async (backends) => backends.map((backend) => ({ backend, countable: true, because: 'counts' })),
    read: async (backends: readonly CountedBackend[], sinceMs) => {
      const firstMs = Math.ceil(sinceMs / periodMs) * periodMs;
      const length = Math.max(0, Math.floor((clock.now() - firstMs) / periodMs) + 1);
      const points = Array.from({ length }, (_, index) => ({ atMs: firstMs + index * periodMs, value: 0 }));
      const cadence = { kind: 'interval', periodMs, settleMs: 0 } as const;
      return backends.map((backend) => ({ source: 'past', backend, cadence, points }));
    },
  };
}

/** nginx-0 drained on the Service, with as many connections per listener port as `counts` says. */
async function drained(counts: ReadonlyMap<number, number> = new Map(), options?: RehearsalOptions) {
  const rehearsal = rehearse(options);
  rehearsal.kube.edit(SERVICES, 'nginx', ({ metadata }) => {
    const fieldsV1 = { 'f:metadata': { 'f:annotations': { 'f:service.cloud.tencent.com/lb-rs-weight': {} } } };
    metadata['managedFields'] = [{ manager: 'kubectl-zeroloss', operation: 'Update', fieldsV1 }];
  });
  await drain(rehearsal.world, { ...common, ordinals: [0] });
  rehearsal.world = { ...rehearsal.world, sources: [countPerListener(rehearsal, counts)] };
  return rehearsal;
}
const wait = (rehearsal: Rehearsal, more: object = {}) => waitZero(rehearsal.world, { ...common, ...zero, ...more });
const renew = (rehearsal: Rehearsal) =>
  recreate(rehearsal.world, { ...common, ...zero, evict: false, force: false, timeoutMs: 20_000 });
const says =
  (kind: typeof NotYetError | typeof RefusedError, text: RegExp) =>
  (error: unknown): boolean =>
    error instanceof kind && text.test(error.message);

describe('a pod that another load balancer binds at weight 0', () => {
  it('is not at zero before the connections that came that way have ended', async () => {
    const counts = new Map([[OTHER_PORT, 1]]);
    const rehearsal = await drained(counts);
    rehearsal.balancer.foreign.push(binding(0));
    await assert.rejects(wait(rehearsal), says(NotYetError, /nginx-0 lb-other TCP\/8080 listeners: 1 connection/));
    await assert.rejects(renew(rehearsal), says(RefusedError, /lb-other TCP\/8080/));
    assert.deepEqual(deletions(rehearsal), []);
    counts.clear();
    await renew(rehearsal);
    assert.deepEqual(deletions(rehearsal), ['nginx-0']);
  });

  it('begins its stability window when that is found out, with any moment kept on the Service', async () => {
    const rehearsal = await drained();
    rehearsal.world = { ...rehearsal.world, sources: [remembering(rehearsal)] };
    await wait(rehearsal);
    const beganMs = rehearsal.clock.now();
    await wait(rehearsal);
    assert.equal(rehearsal.clock.now(), beganMs, 'the moment is recorded, and the past is known');
    rehearsal.balancer.foreign.push(binding(0));
    await wait(rehearsal);
    assert.ok(rehearsal.clock.now() - beganMs >= zero.stableForMs);
  });

  it('is refused where no source can count it there, and the leftover is named', async () => {
    const rehearsal = await drained();
    const [source] = rehearsal.world.sources;
    assert.ok(source);
    const prove: ConnectionSource['prove'] = async (backends) =>
      backends.map((backend) => ({ backend, countable: backend.listener.port !== OTHER_PORT, because: 'no VIP' }));
    rehearsal.world = { ...rehearsal.world, sources: [{ ...source, prove }] };
    rehearsal.balancer.foreign.push(binding(0));
    await assert.rejects(wait(rehearsal), (error) => {
      assert.ok(error instanceof RefusedError);
      const [refusal] = error.refusals;
      assert.match(refusal?.message ?? '', /connections of nginx-0 on lb-other TCP\/8080 \(listeners: no VIP\)/);
      assert.match(String(refusal?.cure ?? ''), /unbind 10\.0\.0\.10:80 from listener lbl-other of lb-other/);
      return true;
    });
  });
});

describe('a pod that was bound elsewhere', () => {
  it('is not waited for there once it is unbound, though its series goes on', async () => {
    const rehearsal = await drained(new Map([[OTHER_PORT, 1]]));
    rehearsal.balancer.foreign.push(binding(0));
    const { clock } = rehearsal;
    clock.at(clock.now() - clock.startMs + 20_000, () => void rehearsal.balancer.foreign.splice(0));
    await wait(rehearsal, { timeoutMs: 120_000 });
  });

  it('is not taken for never bound while it is not ready', async () => {
    const rehearsal = await drained(new Map([[OTHER_PORT, 1]]));
    rehearsal.balancer.foreign.push(binding(0));
    rehearsal.balancer.unbound.add('nginx-0');
    rehearsal.kube.edit(PODS, 'nginx-0', (object) => {
      const status = object['status'] as { phase: string; conditions: { status: string; type: string }[] };
      status.phase = 'Pending';
      for (const condition of status.conditions) if (condition.type !== 'Initialized') condition.status = 'False';
    });
    await assert.rejects(wait(rehearsal), says(NotYetError, /nginx-0 lb-other TCP\/8080 listeners: 1 connection/));
  });
});

describe('a pod that another load balancer binds with weight', () => {
  it('is not at zero, and once it is unbound there the wait goes on', async () => {
    const rehearsal = await drained();
    rehearsal.balancer.foreign.push(binding(10));
    await assert.rejects(
      wait(rehearsal),
      says(NotYetError, /lb-other listener TCP\/8080 .*binds nginx-0 too, with weight 10/),
    );
    await assert.rejects(renew(rehearsal), (error) => {
      assert.ok(error instanceof RefusedError);
      assert.deepEqual(
        error.refusals.map(({ rule, override }) => [rule, override]),
        [['no-other-binding', '--force']],
      );
      return true;
    });
    const { clock } = rehearsal;
    clock.at(clock.now() - clock.startMs + 5000, () => void rehearsal.balancer.foreign.splice(0));
    await wait(rehearsal);
  });

  it('is found out too when it comes in the middle of a wait', async () => {
    const rehearsal = await drained();
    const { clock } = rehearsal;
    clock.at(clock.now() - clock.startMs + 5000, () => void rehearsal.balancer.foreign.push(binding(10)));
    await assert.rejects(wait(rehearsal), says(NotYetError, /lb-other/));
  });

  it('is shown and left alone where --service left it out, and not deleted', async () => {
    const rehearsal = await drained();
    rehearsal.balancer.foreign.push(binding(10));
    await wait(rehearsal, { services: ['nginx'] });
    assert.equal(rehearsal.report.warnings.filter((line) => /lb-other/.test(line)).length, 1);
    await assert.rejects(renew(rehearsal), says(RefusedError, /lb-other/));
  });

  it('is not scaled away with a surge', async () => {
    const rehearsal = rehearse();
    await surge(rehearsal.world, { ...common, count: 1, dark: false });
    await drain(rehearsal.world, { ...common, ordinals: [10] });
    const address = text(rehearsal.kube.object(PODS, 'nginx-10'), 'status', 'podIP') ?? '';
    rehearsal.balancer.foreign.push(binding(10, { address }));
    const back = restore(rehearsal.world, { ...common, ...zero, weightsOnly: false });
    await assert.rejects(back, says(NotYetError, /lb-other/));
    assert.equal(number(rehearsal.kube.object(STATEFUL_SETS, 'nginx'), 'spec', 'replicas'), 11);
  });
});

it('a listener of the same load balancer that no chosen Service explains is counted too, at weight 0', async () => {
  const hidden = service({
    name: 'hidden',
    ports: [{ port: 9000, targetPort: 80 }],
    selector: { app: 'nginx' },
    loadBalancerId: 'lb-nginx',
  });
  const counts = new Map([[9000, 2]]);
  const rehearsal = await drained(counts, { services: [service(), hidden] });
  rehearsal.kube.edit(SERVICES, 'hidden', (object) => {
    object['spec'] = { ...(object['spec'] as object), selector: { somebody: 'else' } };
  });
  rehearsal.balancer.bindsAll.add('hidden');
  await assert.rejects(wait(rehearsal), says(NotYetError, /nginx-0 lb-nginx TCP\/9000 listeners: 2 connections/));
  counts.clear();
  await wait(rehearsal);
});

describe('a dual-stack pod', () => {
  const SIXTH = '2402:4e00::10';
  const dualStack = async (counts?: ReadonlyMap<number, number>) => {
    const rehearsal = await drained(counts);
    rehearsal.kube.edit(PODS, 'nginx-0', (object) => {
      const status = object['status'] as { podIP: string; podIPs: { ip: string }[] };
      status.podIPs = [{ ip: status.podIP }, { ip: SIXTH }];
    });
    return rehearsal;
  };
  it('that a load balancer binds by its other address, with weight, is not deleted', async () => {
    const rehearsal = await dualStack();
    rehearsal.balancer.foreign.push(binding(10, { address: SIXTH }));
    await assert.rejects(renew(rehearsal), says(RefusedError, /lb-other .* binds nginx-0 too, with weight 10/));
    assert.deepEqual(deletions(rehearsal), []);
  });
  it('that is bound by its other address at weight 0 is counted there too', async () => {
    const rehearsal = await dualStack(new Map([[OTHER_PORT, 2]]));
    rehearsal.balancer.foreign.push(binding(0, { address: SIXTH }));
    await assert.rejects(wait(rehearsal), says(NotYetError, /nginx-0 lb-other TCP\/8080 listeners: 2 connections/));
  });
});

describe('other balancers that bind a pod, when the cloud cannot be asked for a while,', () => {
  const throttled = new CloudError('RequestLimitExceeded', 'too many requests', { retryable: true });

  it('is waited for: nothing is deleted on a guess', async () => {
    const rehearsal = await drained();
    await wait(rehearsal);
    rehearsal.balancer.bindingsOf = async () => {
      throw throttled;
    };
    await assert.rejects(renew(rehearsal), (error) => error === throttled);
    assert.deepEqual(deletions(rehearsal), []);
  });

  it('or lacks the bindings of the target’s own load balancer, is reported as unknown', async () => {
    const rehearsal = await drained();
    rehearsal.balancer.bindingsOf = async () => [];
    await wait(rehearsal);
    assert.match(
      rehearsal.report.warnings.join(),
      /is unknown: the cloud's look-up by address does not return 10\.0\.0\.10, which lb-nginx binds/,
    );
  });
  it('or may not be asked, is reported once and allowed', async () => {
    const rehearsal = await drained();
    rehearsal.balancer.bindingsOf = async () => {
      throw new CloudError('UnauthorizedOperation', 'not authorized');
    };
    await wait(rehearsal);
    assert.equal(rehearsal.report.warnings.filter((line) => /is unknown: not authorized/.test(line)).length, 1);
  });
});
