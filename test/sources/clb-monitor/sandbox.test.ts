import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createLoadBalancer } from '../../../lib/clb/clb-load-balancer.ts';
import { CloudError } from '../../../lib/core/errors.ts';
import { judge } from '../../../lib/core/zero/verdict.ts';
import type { CountedBackend } from '../../../lib/ports.ts';
import { createClbMonitor } from '../../../lib/sources/clb-monitor/clb-monitor.ts';
import type { Misbehaviour } from '../../../sandbox/clb/api/cloud-faults.ts';
import { SANDBOX_REGION, sandboxCloud } from '../../clb/sandbox.ts';
import { startClient, until } from '../../sandbox/clb/support.ts';

const SECOND = 1000;

/** A client stays connected to the serving backend; the drained one has none. */
async function open(t: TestContext) {
  const sandbox = await sandboxCloud(t);
  const { cloud, clock, one } = sandbox;
  const client = await startClient(t, one.address);
  await client.hears('hello serving');
  const balancer = await createLoadBalancer(cloud, clock).observe({ id: one.balancerId, region: SANDBOX_REGION });
  const listener = balancer.listeners[0]!;
  const counted = (pod: string, port: number): CountedBackend => ({
    pod,
    podUid: pod,
    address: '127.0.0.1',
    port,
    listener,
    balancer,
  });
  const drained = counted('nginx-0', sandbox.drained);
  const serving = counted('nginx-1', sandbox.serving);
  const source = createClbMonitor(cloud, clock);
  const sinceMs = clock.now();
  const verdictOf = async (backend: CountedBackend) => {
    const series = (await source.read([backend], sinceMs))[0]!;
    const rule = { zeroSinceMs: sinceMs, nowMs: clock.now(), stableForMs: 10 * SECOND, maxConnections: 0 };
    return judge(series.points, series.cadence, rule).verdict;
  };
  return {
    ...sandbox,
    source,
    client,
    verdictOf,
    drained,
    serving,
    prove: async () => (await source.prove([drained], [serving]))[0]!,
  };
}

test('a drained backend is at zero and a serving one is busy, by the real counts of real connections', async (t) => {
  const { prove, verdictOf, drained, serving, clock } = await open(t);
  await clock.sleep(30 * SECOND);
  const proof = await prove();
  assert.deepEqual(
    [proof.countable, proof.because.includes('up to 1 connections on nginx-1 every 1 s')],
    [true, true],
    proof.because,
  );
  assert.equal(await verdictOf(drained), 'zero');
  assert.equal(await verdictOf(serving), 'busy');
});

test('a connection that ends makes its backend idle only after the whole stability window', async (t) => {
  const { client, verdictOf, serving, clock, one } = await open(t);
  await clock.sleep(20 * SECOND);
  const { localPort } = client;
  client.socket.destroy();
  await client.over;
  await until(() => one.clb.fateOf(localPort) !== undefined);
  await clock.sleep(6 * SECOND);
  assert.equal(await verdictOf(serving), 'busy');
  await clock.sleep(10 * SECOND);
  assert.equal(await verdictOf(serving), 'zero');
});

for (const fault of [
  { kind: 'empty-series' },
  { kind: 'empty-series', omit: true },
  { kind: 'no-backend-dimensions' },
  { kind: 'null-fields', fields: ['Timestamps', 'Values'] },
] as Misbehaviour[]) {
  test(`${JSON.stringify(fault)}: the backend cannot be counted, and is never at zero`, async (t) => {
    const { api, prove, verdictOf, drained, clock } = await open(t);
    await clock.sleep(30 * SECOND);
    api.misbehave(fault);
    const proof = await prove();
    assert.equal(proof.countable, false, proof.because);
    const verdict = await verdictOf(drained).catch((error: unknown) => (error as Error).name);
    assert.ok(['unknown', 'ConnectionError'].includes(verdict), verdict);
  });
}

for (const [fault, verdict] of [
  [{ kind: 'late-points', delayMs: 15 * SECOND }, 'unknown'],
  [{ kind: 'stale' }, 'unknown'],
  [{ kind: 'missing-point', gapSeconds: 1 }, 'unknown'],
  [{ kind: 'never-zero' }, 'busy'],
] as [Misbehaviour, string][]) {
  test(`${fault.kind} in the middle of a wait is ${verdict}, not zero`, async (t) => {
    const { api, verdictOf, drained, clock } = await open(t);
    await clock.sleep(10 * SECOND);
    api.misbehave(fault);
    await clock.sleep(10 * SECOND);
    assert.equal(await verdictOf(drained), verdict);
    api.behave();
    assert.equal(await verdictOf(drained), 'zero');
  });
}

for (const kind of ['rate-limit', 'html-200', 'http-502', 'timeout', 'reset', 'internal-error'] as const) {
  test(`${kind} that passes costs a wait nothing but time`, async (t) => {
    const { api, verdictOf, drained, clock } = await open(t);
    await clock.sleep(30 * SECOND);
    api.misbehave({ kind, action: 'GetMonitorData', times: 2 });
    assert.equal(await verdictOf(drained), 'zero');
  });
}

for (const [kind, code] of [
  ['expired-token', 'AuthFailure.TokenFailure'],
  ['unknown-code', 'FailedOperation.NeverHeardOf'],
  ['rate-limit', 'RequestLimitExceeded'],
] as const) {
  test(`${kind} for good in the middle of a wait is an error with its RequestId, and no verdict`, async (t) => {
    const { api, verdictOf, drained, clock } = await open(t);
    await clock.sleep(30 * SECOND);
    api.misbehave({ kind });
    await assert.rejects(
      verdictOf(drained),
      (error) => error instanceof CloudError && error.code === code && error.requestId !== undefined,
    );
  });
}
