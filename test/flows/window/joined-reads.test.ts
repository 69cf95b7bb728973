import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConnectionError } from '../../../lib/core/errors.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { joinReads } from '../../../lib/flows/window/joined-reads.ts';
import type { CountedBackend } from '../../../lib/ports.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { deletions, FakeSource, rehearse, zero } from '../rehearsal/rehearsal.ts';
import { windowOfThree } from '../rehearsal/windows.ts';

const backend = (pod: string): CountedBackend =>
  ({ pod, podUid: pod, address: pod, port: 80, listener: { id: 'l' }, balancer: { id: 'b' } }) as CountedBackend;

function joined() {
  const clock = new FakeClock();
  const source = new FakeSource(clock);
  const asked: string[][] = [];
  const read = source.read.bind(source);
  source.read = async (backends) => {
    asked.push(backends.map(({ pod }) => pod));
    return read(backends);
  };
  const reads = joinReads([source], clock, new AbortController().signal);
  const [one] = reads.sources;
  assert.ok(one !== undefined);
  const lookAt = (...pods: string[]) =>
    reads.together(async () => {
      const all = [];
      for (const pod of pods) all.push(...(await one.read([backend(pod)], 0)));
      return all;
    });
  return { clock, source, asked, reads, one, lookAt };
}

describe('the readings of one look of the window', () => {
  it('are one for all pods; a pod that is drained since the look before is read beside them once', async () => {
    const { asked, lookAt, clock } = joined();
    await lookAt('a', 'b');
    await clock.sleep(3_000);
    const second = await lookAt('a', 'b');
    assert.deepEqual(asked, [['a'], ['b'], ['a', 'b']]);
    assert.deepEqual(
      second.map(({ backend: { pod } }) => pod),
      ['a', 'b'],
    );
  });

  it('carry the moment at which they were made, so that nothing becomes final by being handed on', async () => {
    const { lookAt, clock } = joined();
    await lookAt('a');
    const firstMs = clock.now();
    await clock.sleep(400);
    assert.deepEqual(
      (await lookAt('a')).map(({ readAtMs }) => readAtMs),
      [firstMs],
    );
    await clock.sleep(3_000);
    assert.deepEqual(
      (await lookAt('a')).map(({ readAtMs }) => readAtMs),
      [clock.now()],
    );
  });

  it('are made pod by pod where the one for all fails', async () => {
    const { source, lookAt, clock, asked } = joined();
    await lookAt('a', 'b');
    await clock.sleep(3_000);
    const read = source.read.bind(source);
    source.read = async (backends) => {
      if (backends.some(({ pod }) => pod === 'b')) throw new ConnectionError('no route', { retryable: true });
      return read(backends);
    };
    asked.length = 0;
    await assert.rejects(lookAt('a', 'b'), /no route/);
    assert.deepEqual(asked, [['a']]);
  });

  it('do not stand for a reading outside of the look, and forget pods that are gone', async () => {
    const { one, asked, lookAt, clock, reads } = joined();
    await lookAt('a', 'b');
    await one.read([backend('a')], 0);
    assert.deepEqual(asked.at(-1), ['a']);
    assert.equal(asked.length, 3);
    reads.keepOnly(new Set(['b']));
    await clock.sleep(3_000);
    await lookAt('b');
    assert.deepEqual(asked.at(-1), ['b']);
  });
});

describe('an upgrade by a window', () => {
  it('reads a source once a look, however many pods are drained', async () => {
    const rehearsal = rehearse({ replicas: 6 });
    const { source, clock } = rehearsal;
    const endsMs = clock.now() + 120_000;
    for (let ordinal = 0; ordinal < 3; ordinal++)
      source.counts.set(`nginx-${ordinal}`, (nowMs) => (nowMs < endsMs ? 1 : 0));
    const at = new Map<number, number>();
    const read = source.read.bind(source);
    source.read = async (backends) => {
      at.set(clock.now(), (at.get(clock.now()) ?? 0) + 1);
      return read(backends);
    };
    await upgrade(rehearsal.world, windowOfThree);
    const held = [...at].filter(([ms]) => ms > endsMs - 100_000 && ms < endsMs).map(([, reads]) => reads);
    assert.ok(held.length > 20);
    assert.deepEqual([...new Set(held)], [1]);
  });

  it('goes on with the others while one pod cannot be read', async () => {
    const rehearsal = rehearse({ replicas: 6 });
    const { source, clock } = rehearsal;
    const wellMs = clock.now() + 400_000;
    const read = source.read.bind(source);
    source.read = async (backends) => {
      if (clock.now() < wellMs && backends.some(({ pod }) => pod === 'nginx-1'))
        throw new ConnectionError('the node of nginx-1 does not answer', { retryable: true });
      return read(backends);
    };
    await upgrade(rehearsal.world, windowOfThree);
    assert.equal(deletions(rehearsal).at(-1), 'nginx-1');
    assert.ok(clock.now() < wellMs + 120_000);
  });
});

describe('the pace of the window', () => {
  it('is slow while pods only soak, and the next pod is drained when the first soak is over', async () => {
    const rehearsal = rehearse({ replicas: 4 });
    const { clock, kube } = rehearsal;
    const beganMs = clock.now();
    await upgrade(rehearsal.world, { ...windowOfThree, maxUnavailable: { kind: 'count', count: 1 }, soakMs: 121_000 });
    const ownMs = 121_000 + zero.stableForMs + 2_000;
    const tookMs = clock.now() - beganMs;
    assert.ok(tookMs < 4 * (ownMs + 6_000), `${tookMs} ms for four times ${ownMs}`);
    const looks = kube.calls.filter(({ verb, resource }) => verb === 'get' && resource === 'statefulsets').length;
    assert.ok(looks < 4 * 50, `${looks} looks`);
  });
});

describe('the looks of the window at the load balancer', () => {
  it('ask for health while a pod comes back or soaks, and every ten seconds while all others only wait for their clients', async () => {
    const rehearsal = rehearse({ replicas: 6 });
    const { source, clock, balancer } = rehearsal;
    const endsMs = clock.now() + 300_000;
    for (let ordinal = 0; ordinal < 3; ordinal++)
      source.counts.set(`nginx-${ordinal}`, (nowMs) => (nowMs < endsMs ? 1 : 0));
    const asked: { atMs: number; health: boolean }[] = [];
    const observe = balancer.observe.bind(balancer);
    balancer.observe = async (ref, options = {}) => {
      asked.push({ atMs: clock.now(), health: options.health ?? true });
      return observe(ref, options);
    };
    await upgrade(rehearsal.world, windowOfThree);
    const waiting = asked.filter(({ atMs }) => atMs > endsMs - 200_000 && atMs < endsMs);
    const share = waiting.filter(({ health }) => health).length / waiting.length;
    assert.ok(share > 0.05 && share < 0.2, `${share} of ${waiting.length}`);
  });

  it('see within ten seconds that a pod which serves has fallen ill: it takes a place', async () => {
    const rehearsal = rehearse({ replicas: 6 });
    const { source, clock, balancer, report } = rehearsal;
    const endsMs = clock.now() + 300_000;
    source.counts.set('nginx-0', (nowMs) => (nowMs < endsMs ? 1 : 0));
    clock.at(100_000, () => void balancer.health.set('nginx-5', 'dead'));
    clock.at(111_000, () => assert.match(report.progressLines.at(-1) ?? '', /2 of 1 out: .*5 /));
    clock.at(200_000, () => void balancer.health.delete('nginx-5'));
    await upgrade(rehearsal.world, { ...windowOfThree, maxUnavailable: { kind: 'count', count: 1 } });
  });
});
