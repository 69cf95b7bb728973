import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { READINESS_GATE } from '../../../lib/core/check/check-pods.ts';
import {
  CloudError,
  ConflictError,
  ConnectionError,
  NotYetError,
  RefusedError,
  StatusError,
} from '../../../lib/core/errors.ts';
import { gather } from '../../../lib/flows/target/gather.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { zeroSeenMs } from '../../../lib/flows/weights/remember-zero.ts';
import { PODS, SERVICES } from '../../../lib/ports/resources.ts';
import type { ConnectionSource, CountedBackend } from '../../../lib/ports.ts';
import { drained, renew, wait } from '../rehearsal/by-hand.ts';
import {
  annotation,
  common,
  deletions,
  FakeSource,
  type Rehearsal,
  rehearse,
  replacePod,
  zero,
} from '../rehearsal/rehearsal.ts';

const ZERO_SEEN = 'nginx.kubectl-zeroloss/zero-seen';

/** Milliseconds from now on. */
const later = ({ clock }: Rehearsal, ms: number, act: () => void): void =>
  clock.at(clock.now() - clock.startMs + ms, act);

const throttled = new CloudError('RequestLimitExceeded', 'too many requests', { requestId: 'r-1', retryable: true });
const expired = new CloudError('AuthFailure.TokenFailure', 'the token has expired', { requestId: 'r-2' });
const unreachable = new ConnectionError('the server was silent', { retryable: true });
const busyApi = new StatusError(503, 'ServiceUnavailable', 'etcdserver: request timed out');

describe('a wait for zero outlasts', () => {
  for (const [what, failure] of [
    ['a throttled cloud', throttled],
    ['a network that is away', unreachable],
  ] as const)
    it(`${what}, as unknown: its stability window starts again`, async () => {
      const rehearsal = await drained([0]);
      const beganMs = rehearsal.clock.now();
      later(rehearsal, 5000, () => {
        rehearsal.balancer.failure = failure;
      });
      later(rehearsal, 20_000, () => {
        rehearsal.balancer.failure = undefined;
      });
      await wait(rehearsal);
      assert.ok(rehearsal.clock.now() >= beganMs + 20_000 + zero.stableForMs);
      assert.match(rehearsal.report.text, /cannot read now, trying again: /);
    });
  it('an API server that is away', async () => {
    const rehearsal = await drained([0]);
    later(rehearsal, 5000, () => rehearsal.kube.failNext({ verb: 'list', resource: 'pods' }, busyApi, 4));
    await wait(rehearsal);
    assert.match(rehearsal.report.text, /etcdserver/);
  });
  it('a source that fails, and one failed reading breaks the stability window', async () => {
    const rehearsal = await drained([0]);
    const read = rehearsal.source.read.bind(rehearsal.source);
    let looks = 0;
    rehearsal.source.read = async (backends) => {
      looks += 1;
      if (looks === 8) throw unreachable;
      return read(backends);
    };
    const beganMs = rehearsal.clock.now();
    await wait(rehearsal);
    assert.ok(rehearsal.clock.now() - beganMs >= 7000 + zero.stableForMs);
  });
  it('but not its time-out: exit 6 names what failed last', async () => {
    const rehearsal = await drained([0]);
    later(rehearsal, 5000, () => {
      rehearsal.balancer.failure = throttled;
    });
    await assert.rejects(
      wait(rehearsal),
      (error) => error instanceof NotYetError && /too many requests/.test(error.message),
    );
  });
});

describe('a wait for zero ends at once with', () => {
  for (const [what, failure] of [
    ['a token that expired in the middle of it', expired],
    [
      'an error code that is unknown',
      new CloudError('FailedOperation.NeverHeardOf', 'something', { requestId: 'r-3' }),
    ],
    ['a permission that was taken away', new StatusError(403, 'Forbidden', 'no more')],
  ] as const) {
    it(`${what}, at the load balancer`, async () => {
      const rehearsal = await drained([0]);
      rehearsal.source.counts.set('nginx-0', 1);
      later(rehearsal, 5000, () => {
        rehearsal.balancer.failure = failure;
      });
      await assert.rejects(wait(rehearsal), (error) => error === failure);
      assert.ok(rehearsal.clock.now() < rehearsal.clock.startMs + common.timeoutMs);
    });
    it(`${what}, at a source`, async () => {
      const rehearsal = await drained([0]);
      later(rehearsal, 5000, () => {
        rehearsal.source.read = async () => Promise.reject(failure);
      });
      await assert.rejects(wait(rehearsal), (error) => error === failure);
    });
  }
});

describe('the moment of weight 0', () => {
  it('is taken back when the weight is overwritten in the middle of a wait, for every later verb too', async () => {
    const rehearsal = rehearse();
    rehearsal.kube.edit(SERVICES, 'nginx', ({ metadata }) => {
      const fieldsV1 = { 'f:metadata': { 'f:annotations': { 'f:service.cloud.tencent.com/lb-rs-weight': {} } } };
      metadata['managedFields'] = [{ manager: 'kubectl-zeroloss', operation: 'Update', fieldsV1 }];
    });
    await drain(rehearsal.world, { ...common, ordinals: [0, 1] });
    const recorded = (): Record<string, string> =>
      JSON.parse(annotation(rehearsal, 'nginx', ZERO_SEEN) ?? '{"pods":{}}').pods;
    const uidOf = (name: string): string => rehearsal.kube.object(PODS, name)?.metadata.uid ?? '';
    const before = recorded();
    assert.equal(Object.keys(before).length, 2);
    later(rehearsal, 5000, () => rehearsal.balancer.override.set('nginx-0', 10));
    await assert.rejects(wait(rehearsal), NotYetError);
    assert.equal(recorded()[uidOf('nginx-0')], undefined);
    assert.equal(recorded()[uidOf('nginx-1')], before[uidOf('nginx-1')]);
    rehearsal.balancer.override.clear();
    const backMs = rehearsal.clock.now();
    await wait(rehearsal);
    assert.ok(Date.parse(recorded()[uidOf('nginx-0')] ?? '') >= Math.floor(backMs / 1000) * 1000);
  });
  it('is kept in the API server’s time: a machine whose clock is behind cannot count a time from before', async () => {
    const rehearsal = rehearse();
    rehearsal.kube.edit(SERVICES, 'nginx', ({ metadata }) => {
      const fieldsV1 = { 'f:metadata': { 'f:annotations': { 'f:service.cloud.tencent.com/lb-rs-weight': {} } } };
      metadata['managedFields'] = [{ manager: 'kubectl-zeroloss', operation: 'Update', fieldsV1 }];
    });
    const behindMs = 240_000;
    Object.assign(rehearsal.kube, { clockAheadMs: () => -behindMs });
    const serverMs = rehearsal.clock.now() + behindMs;
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    const { pods } = JSON.parse(annotation(rehearsal, 'nginx', ZERO_SEEN) ?? '{}');
    assert.deepEqual(Object.values(pods), [new Date(serverMs).toISOString()]);
    const facts = await gather(rehearsal.world, common);
    assert.deepEqual([...zeroSeenMs(facts).values()], [serverMs]);
  });

  it('is not believed while the controller sleeps: the annotation alone is a wish', async () => {
    const rehearsal = rehearse();
    await rehearsal.balancer.observe({ id: 'lb-nginx' });
    rehearsal.balancer.asleep = true;
    await assert.rejects(drain(rehearsal.world, { ...common, ordinals: [0] }), /does not show/);
    await assert.rejects(
      wait(rehearsal),
      (error) => error instanceof NotYetError && /shows nginx-0 at weight 10/.test(error.message),
    );
    await assert.rejects(renew(rehearsal), RefusedError);
    assert.deepEqual(deletions(rehearsal), []);
  });
});

describe('evidence', () => {
  it('of a source that gives way to another one in the middle of a wait is not added up', async () => {
    const rehearsal = await drained([0]);
    const { clock, source } = rehearsal;
    const began = clock.now();
    const slow = { kind: 'instant', periodMs: 2000, settleMs: 0 } as const;
    const read = source.read.bind(source);
    source.read = async (backends) => {
      const all = await read(backends);
      return clock.now() < began + 6000 ? all : all.map((each) => ({ ...each, cadence: slow }));
    };
    await wait(rehearsal);
    assert.ok(clock.now() >= began + 6000 + zero.stableForMs);
  });
  it('of a reading that takes time counts from its end, and the last look is not put off by a whole period', async () => {
    const rehearsal = await drained([0]);
    const { clock, source } = rehearsal;
    Object.assign(source, { tookMs: 400, cadence: { ...source.cadence, periodMs: 3000 } });
    const endsMs = clock.now() + 3300;
    source.counts.set('nginx-0', (nowMs) => (nowMs < endsMs ? 1 : 0));
    await wait(rehearsal);
    // The reading from 3.0 to 3.4 s shows the first zero, so one has to begin at 13.4 s or later, and that takes as long.
    assert.ok(clock.now() >= endsMs + zero.stableForMs + source.tookMs, `${clock.now() - endsMs} ms`);
    assert.ok(clock.now() <= endsMs + zero.stableForMs + source.tookMs + 200, `${clock.now() - endsMs} ms`);
  });
  it('of persisted sessions, new connections at weight 0, is busy until the last of them has ended', async () => {
    const rehearsal = await drained([0]);
    const began = rehearsal.clock.now();
    // Every eight seconds a client comes back for a second, as its session cookie or address asks for; the last after 30 s.
    rehearsal.source.counts.set('nginx-0', (now) =>
      now - began <= 30_000 && Math.floor((now - began) / 1000) % 8 === 0 ? 1 : 0,
    );
    await wait(rehearsal);
    assert.ok(rehearsal.clock.now() >= began + 24_000 + zero.stableForMs);
  });
  it('must come from every source: one that is busy outweighs one that is at zero', async () => {
    const rehearsal = await drained([0]);
    const other = new FakeSource(rehearsal.clock, 'other');
    other.counts.set('nginx-0', 1);
    rehearsal.world.sources = [rehearsal.source, other];
    await assert.rejects(
      wait(rehearsal),
      (error) => error instanceof NotYetError && /other: 1 connection/.test(error.message),
    );
  });
  it('says once which sources count, and why the others do not', async () => {
    const rehearsal = await drained([0]);
    const other = new FakeSource(rehearsal.clock, 'other');
    other.countable = false;
    rehearsal.world.sources = [rehearsal.source, other];
    const { details } = await wait(rehearsal);
    const said = rehearsal.report.progressLines.filter((line) => /(by|using) (fake|other):/.test(line));
    assert.deepEqual(said, ['counting by fake: counts', 'not using other: cannot count here']);
    assert.deepEqual((details as { sources: unknown }).sources, [
      { name: 'fake', counts: true, because: 'counts' },
      { name: 'other', counts: false, because: 'cannot count here' },
    ]);
  });
  it('of a source that the operator asked for must be had', async () => {
    const rehearsal = await drained([0]);
    const asked: ConnectionSource = {
      name: 'asked',
      asked: true,
      prove: async (backends: readonly CountedBackend[]) =>
        backends.map((backend) => ({ backend, countable: false, because: 'no such metric' })),
      read: async () => [],
    };
    rehearsal.world.sources = [rehearsal.source, asked];
    await assert.rejects(
      wait(rehearsal),
      (error) => error instanceof RefusedError && /no such metric/.test(error.message),
    );
  });
  it('does not outlive its pod: one that is recreated between check and delete is not deleted', async () => {
    const rehearsal = await drained([0]);
    await wait(rehearsal);
    const read = rehearsal.source.read.bind(rehearsal.source);
    let looks = 0;
    rehearsal.source.read = async (backends) => {
      looks += 1;
      if (looks === 11) replacePod(rehearsal, 'nginx-0', 'newcomer');
      return read(backends);
    };
    await assert.rejects(renew(rehearsal), ConflictError);
    assert.deepEqual(deletions(rehearsal), []);
  });
});

describe('a pod that never became ready', () => {
  const sick = async (): Promise<Rehearsal> => {
    const rehearsal = await drained([0]);
    rehearsal.kube.edit(PODS, 'nginx-0', (object) => {
      const status = object['status'] as { conditions: { type: string; status: string }[] };
      for (const condition of status.conditions)
        if (condition.type === 'Ready' || condition.type === READINESS_GATE) condition.status = 'False';
    });
    rehearsal.balancer.unbound.add('nginx-0');
    rehearsal.source.countable = false;
    return rehearsal;
  };
  it('and is bound nowhere, while its siblings are, is at zero and can be replaced', async () => {
    const rehearsal = await sick();
    const outcome = await wait(rehearsal);
    assert.match(outcome.results[0]?.note ?? '', /never bound/);
    await renew(rehearsal);
    assert.deepEqual(deletions(rehearsal), ['nginx-0']);
  });
  it('is not at zero when no sibling is found either: then it is the search that fails', async () => {
    const rehearsal = await sick();
    for (let ordinal = 1; ordinal < 10; ordinal++) rehearsal.balancer.unbound.add(`nginx-${ordinal}`);
    await assert.rejects(
      wait(rehearsal),
      (error) => error instanceof NotYetError && /does not show nginx-0/.test(error.message),
    );
  });
  it('is not at zero when its gate shows that a load balancer had it: it was ready once, and served', async () => {
    const rehearsal = await sick();
    rehearsal.kube.edit(PODS, 'nginx-0', (object) => {
      const status = object['status'] as { conditions: { type: string; status: string }[] };
      for (const condition of status.conditions) if (condition.type === READINESS_GATE) condition.status = 'True';
    });
    await assert.rejects(
      wait(rehearsal),
      (error) => error instanceof NotYetError && /does not show nginx-0/.test(error.message),
    );
  });
  it('is not at zero while it is going: it was unbound for that, and may have served until then', async () => {
    const rehearsal = await sick();
    rehearsal.kube.edit(PODS, 'nginx-0', ({ metadata }) => {
      metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
      metadata.finalizers = ['example.com/hold'];
    });
    await assert.rejects(
      wait(rehearsal),
      (error) => error instanceof NotYetError && /does not show nginx-0/.test(error.message),
    );
  });
  it('is not at zero once it is ready: it may be bound any moment', async () => {
    const rehearsal = await drained([0]);
    rehearsal.balancer.unbound.add('nginx-0');
    await assert.rejects(wait(rehearsal), NotYetError);
    await assert.rejects(renew(rehearsal), RefusedError);
  });
  it('and is bound in the middle of a wait is counted from then on', async () => {
    const rehearsal = await sick();
    rehearsal.source.countable = true;
    await drain(rehearsal.world, { ...common, ordinals: [1] });
    rehearsal.source.counts.set('nginx-1', (now) => (now < boundAtMs ? 1 : 0));
    const boundAtMs = rehearsal.clock.now() + 20_000;
    later(rehearsal, 20_000, () => rehearsal.balancer.unbound.delete('nginx-0'));
    const outcome = await wait(rehearsal);
    assert.ok(rehearsal.clock.now() >= boundAtMs + zero.stableForMs);
    const [first] = outcome.results;
    assert.deepEqual([first?.object, first?.note], ['pod/nginx-0', 'fake: 0 connections for 10s']);
  });
  it('does not lend its zero to a sibling in the same batch', async () => {
    const rehearsal = await sick();
    rehearsal.source.countable = true;
    await drain(rehearsal.world, { ...common, ordinals: [1] });
    rehearsal.source.counts.set('nginx-1', 1);
    assert.match(annotation(rehearsal) ?? '', /"podIndexes":\[0,1\]/);
    await assert.rejects(
      wait(rehearsal),
      (error) => error instanceof NotYetError && /nginx-1.*1 connection/.test(error.message),
    );
  });
});

it('a wait without Services that bind the pods is refused', async () => {
  const rehearsal = await drained([0]);
  rehearsal.kube.remove(SERVICES, 'nginx');
  await assert.rejects(wait(rehearsal), RefusedError);
});
