import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CloudError, NotYetError, RefusedError, UsageError } from '../../../lib/core/errors.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { recreate } from '../../../lib/flows/verbs/recreate.ts';
import { waitZero } from '../../../lib/flows/verbs/wait-zero.ts';
import { PODS, SERVICES } from '../../../lib/ports/resources.ts';
import { FakeMonitor, MINUTE } from '../rehearsal/fake-monitor.ts';
import { common, deletions, FakeSource, rehearse, zero } from '../rehearsal/rehearsal.ts';

const patient = { ...common, ...zero, timeoutMs: 30 * MINUTE };

async function drained(ordinals: number[] = [0]) {
  const rehearsal = rehearse();
  const monitor = new FakeMonitor(rehearsal.clock);
  rehearsal.world.sources = [monitor];
  // The writer of the weights is known, as on a real server: then the moment of weight 0 is kept from verb to verb.
  rehearsal.kube.edit(SERVICES, 'nginx', ({ metadata }) => {
    const fieldsV1 = { 'f:metadata': { 'f:annotations': { 'f:service.cloud.tencent.com/lb-rs-weight': {} } } };
    metadata['managedFields'] = [{ manager: 'kubectl-zeroloss', operation: 'Update', fieldsV1 }];
  });
  await rehearsal.clock.sleep(20_000);
  await drain(rehearsal.world, { ...common, ordinals });
  const beganMs = rehearsal.clock.now();
  const wait = (more: object = {}) => waitZero(rehearsal.world, { ...patient, ...more });
  const renew = (more: object = {}) => recreate(rehearsal.world, { ...patient, evict: false, force: false, ...more });
  const later = (ms: number, act: () => void) =>
    rehearsal.clock.at(rehearsal.clock.now() - rehearsal.clock.startMs + ms, act);
  return { ...rehearsal, monitor, beganMs, wait, renew, later };
}

const throttled = new CloudError('RequestLimitExceeded', 'too many requests', { retryable: true });
const denied = new CloudError('UnauthorizedOperation', 'not allowed', { requestId: 'r-9' });

describe('a monitor with a point a minute', () => {
  it('is asked a few times in a wait of minutes, while weights are looked at every ten seconds', async () => {
    const { monitor, balancer, beganMs, clock, wait } = await drained();
    const before = balancer.reads;
    await wait();
    assert.ok(clock.now() - beganMs <= 6 * MINUTE);
    assert.ok(monitor.readsAtMs.length <= 5, `asked ${monitor.readsAtMs.length} times`);
    assert.ok(balancer.reads - before >= 25, `looked ${balancer.reads - before} times`);
  });
  it('is believed only in what was final when it was read: a minute at zero that turns out busy later is not zero', async () => {
    const { monitor, beganMs, clock, wait } = await drained();
    const lateMs = Math.ceil(beganMs / MINUTE) * MINUTE + 3 * MINUTE;
    // The third usable minute reads 0 at first, and 3 from two minutes after its beginning on.
    monitor.count = (atMs, nowMs) => (atMs === lateMs && nowMs >= atMs + 2 * MINUTE ? 3 : 0);
    await wait();
    assert.ok(clock.now() >= lateMs + 5 * MINUTE, 'the window began after that minute');
  });
  it('does not hold up a weight that is overwritten: it is seen at the next look', async () => {
    const { balancer, report, later, wait, clock, beganMs } = await drained();
    let seenAtMs = 0;
    const progress = report.progress.bind(report);
    report.progress = (line: string) => {
      if (seenAtMs === 0 && /at weight 10/.test(line)) seenAtMs = clock.now();
      progress(line);
    };
    later(65_000, () => balancer.override.set('nginx-0', 10));
    later(95_000, () => balancer.override.delete('nginx-0'));
    await wait();
    assert.ok(seenAtMs - beganMs <= 75_000, `seen after ${(seenAtMs - beganMs) / 1000} s`);
    assert.ok(clock.now() >= beganMs + 95_000 + 5 * MINUTE, 'the window starts again');
  });
  it('is asked again at the next look when it could not be asked, and nothing is concluded meanwhile', async () => {
    const { monitor, later, wait, report } = await drained();
    later(90_000, () => {
      monitor.readFails = throttled;
    });
    later(150_000, () => {
      monitor.readFails = undefined;
    });
    await wait();
    const [failed = 0, retried = 0] = monitor.readsAtMs.filter((_, index) => index > 0);
    assert.equal(retried - failed, 10_000);
    assert.match(report.text, /clb: too many requests/);
  });
  it('counts for a pod that is bound in the middle of a wait from then on only', async () => {
    const { monitor, kube, balancer, later, wait, clock, beganMs } = await drained([0, 1]);
    kube.edit(PODS, 'nginx-0', (object) => {
      const status = object['status'] as { conditions: { type: string; status: string }[] };
      for (const condition of status.conditions) if (condition.type === 'Ready') condition.status = 'False';
    });
    kube.edit(SERVICES, 'nginx', ({ metadata }) => {
      delete metadata.annotations?.['nginx.kubectl-zeroloss/zero-seen'];
    });
    balancer.unbound.add('nginx-0');
    monitor.count = (atMs, _nowMs, pod) => (pod === 'nginx-1' && atMs < beganMs + MINUTE ? 1 : 0);
    later(4 * MINUTE, () => balancer.unbound.delete('nginx-0'));
    await wait();
    assert.ok(clock.now() >= beganMs + 9 * MINUTE, `after ${(clock.now() - beganMs) / MINUTE} min`);
  });
  it('is asked anew by recreate, which refuses at once what it finds busy', async () => {
    const rehearsal = await drained();
    const { monitor, wait, renew, clock } = rehearsal;
    await wait();
    const asked = monitor.readsAtMs.length;
    monitor.count = () => 1;
    const atMs = clock.now();
    await assert.rejects(renew(), RefusedError);
    assert.equal(clock.now(), atMs);
    assert.equal(monitor.readsAtMs.length, asked + 1);
    assert.deepEqual(deletions(rehearsal), []);
  });
  it('is not read from the beginning of a long wait, only as far back as needed', async () => {
    const { monitor, wait, beganMs } = await drained();
    const endMs = beganMs + 90 * MINUTE;
    monitor.count = (atMs) => (atMs < endMs ? 2 : 0);
    await wait({ timeoutMs: 120 * MINUTE });
    assert.ok(
      monitor.sincesMs.slice(1).every((since, index) => since >= (monitor.readsAtMs[index + 1] ?? 0) - 3_610_000),
    );
    assert.equal(monitor.sincesMs[1], beganMs);
    assert.ok(monitor.readsAtMs.length <= 52, `asked ${monitor.readsAtMs.length} times in an hour and a half`);
  });
});

describe('a source that cannot be asked when a wait begins', () => {
  it('is tried again until it can, and counts then', async () => {
    const { monitor, later, wait, report, clock, beganMs } = await drained();
    monitor.proofFails = throttled;
    later(5 * MINUTE, () => {
      monitor.proofFails = undefined;
    });
    await wait();
    assert.ok(clock.now() >= beganMs + 5 * MINUTE);
    assert.match(report.text, /source clb: it cannot be asked now: too many requests; trying again/);
    assert.equal(report.progressLines.filter((line) => line.startsWith('counting by clb')).length, 1);
    assert.equal(monitor.witnesses, 9);
    assert.ok(monitor.proofs <= 35, `tried ${monitor.proofs} times in five minutes`);
  });
  it('holds up a zero that another source has seen, by default and by name', async () => {
    for (const sources of [undefined, ['clb', 'pod']]) {
      const rehearsal = await drained();
      const { monitor, world, wait, clock } = rehearsal;
      world.sources = [monitor, new FakeSource(clock, 'pod')];
      monitor.proofFails = throttled;
      await assert.rejects(
        wait({ timeoutMs: 2 * MINUTE, ...(sources === undefined ? {} : { sources }) }),
        (error) => error instanceof NotYetError && /source clb: it cannot be asked now: too many/.test(error.message),
      );
      assert.ok(monitor.proofs <= 14, `tried ${monitor.proofs} times in two minutes`);
      await assert.rejects(rehearsal.renew({ timeoutMs: 2 * MINUTE }), NotYetError);
      assert.deepEqual(deletions(rehearsal), []);
      await wait({ sources: ['pod'], timeoutMs: 2 * MINUTE });
    }
  });
  it('does not hide that another source sees connections', async () => {
    const rehearsal = await drained();
    const { monitor, world, renew, clock } = rehearsal;
    const pod = new FakeSource(clock, 'pod');
    pod.counts.set('nginx-0', 2);
    world.sources = [monitor, pod];
    monitor.proofFails = throttled;
    await assert.rejects(renew(), (error) => error instanceof RefusedError && /2 connections/.test(error.message));
  });
  it('is left out when it turns out that it cannot count, and refused when it was named', async () => {
    const { monitor, world, later, wait, clock, report } = await drained();
    world.sources = [monitor, new FakeSource(clock, 'pod')];
    monitor.proofFails = throttled;
    monitor.countable = false;
    later(30_000, () => {
      monitor.proofFails = undefined;
    });
    const outcome = await wait();
    assert.match(outcome.results[0]?.note ?? '', /^pod: 0 connections/);
    assert.match(report.text, /not using clb: the monitor says so/);
    monitor.proofFails = throttled;
    later(30_000, () => {
      monitor.proofFails = undefined;
    });
    await assert.rejects(wait({ sources: ['clb', 'pod'] }), RefusedError);
  });
  it('ends the wait when it is refused for good', async () => {
    const { monitor, wait } = await drained();
    monitor.proofFails = denied;
    await assert.rejects(wait(), (error) => error === denied);
    assert.equal(monitor.proofs, 1);
  });
});

it('a source with an unknown name is refused with the names of those there are', async () => {
  const { wait } = await drained();
  await assert.rejects(
    wait({ sources: ['tcpdump'] }),
    (error) => error instanceof UsageError && /accepted by --source: clb/.test(error.hint ?? ''),
  );
});
