import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { createLoadBalancer } from '../../lib/clb/clb-load-balancer.ts';
import { CloudError, ConnectionError } from '../../lib/core/errors.ts';
import { newCredential } from '../../sandbox/clb/api/accounts.ts';
import type { FaultKind, Misbehaviour } from '../../sandbox/clb/api/cloud-faults.ts';
import { SANDBOX_REGION, type Sandbox, type SandboxOptions, sandboxCloud } from './sandbox.ts';

async function open(
  t: TestContext,
  options: SandboxOptions = {},
): Promise<Sandbox & { observe: () => ReturnType<ReturnType<typeof createLoadBalancer>['observe']> }> {
  const sandbox = await sandboxCloud(t, options);
  const port = createLoadBalancer(sandbox.cloud, sandbox.clock);
  return { ...sandbox, observe: () => port.observe({ id: sandbox.one.balancerId, region: SANDBOX_REGION }) };
}

/** Only the fault that hangs is worth a short time-out. */
const patience = (kind: FaultKind): SandboxOptions => (kind === 'timeout' ? { fetchTimeoutMs: 300 } : {});

const weights = (state: {
  listeners: readonly { backends: readonly { port: number; weight: number; health: string }[] }[];
}) => state.listeners.flatMap(({ backends }) => backends.map(({ port, weight, health }) => [port, weight, health]));

test('weights and health of real listeners are read with verified signatures', async (t) => {
  const { observe, drained, serving, one } = await open(t);
  const state = await observe();
  assert.equal(state.id, one.balancerId);
  assert.deepEqual(weights(state), [
    [drained, 0, 'alive'],
    [serving, 10, 'alive'],
  ]);
});

test('60 reads at once succeed, one after the other, although the cloud takes 20 calls a second of an action', async (t) => {
  const { observe, clock } = await open(t);
  const began = clock.now();
  const states = await Promise.all(Array.from({ length: 60 }, observe));
  assert.ok(states.every((state) => weights(state).length === 2));
  assert.ok(clock.now() - began >= 2000);
});

for (const kind of ['rate-limit', 'internal-error', 'html-200', 'http-502', 'reset', 'timeout'] as FaultKind[]) {
  test(`${kind} that passes after three tries does not fail a read`, async (t) => {
    const { observe, api, drained } = await open(t, patience(kind));
    api.misbehave({ kind, action: 'DescribeTargets', times: 3 });
    assert.equal(weights(await observe())[0]?.[0], drained);
    assert.equal(api.calls['DescribeTargets'], 4);
  });
}

for (const [fault, error] of [
  [{ kind: 'rate-limit' }, { type: CloudError, text: /RequestLimitExceeded, RequestId/ }],
  [{ kind: 'unknown-code' }, { type: CloudError, text: /FailedOperation\.NeverHeardOf, RequestId/ }],
  [{ kind: 'expired-token' }, { type: CloudError, text: /AuthFailure\.TokenFailure, RequestId/ }],
  [{ kind: 'unauthorized' }, { type: CloudError, text: /UnauthorizedOperation, RequestId/ }],
  [{ kind: 'html-200' }, { type: ConnectionError, text: /not as the cloud's API does/ }],
  [{ kind: 'http-502' }, { type: ConnectionError, text: /HTTP status 502/ }],
  [{ kind: 'timeout' }, { type: ConnectionError, text: /did not answer/ }],
  [{ kind: 'reset' }, { type: ConnectionError, text: /cannot reach 127\.0\.0\.1/ }],
  [{ kind: 'null-fields' }, { type: CloudError, text: /cannot be understood/ }],
] as [Misbehaviour, { type: typeof CloudError | typeof ConnectionError; text: RegExp }][]) {
  for (const action of ['DescribeLoadBalancers', 'DescribeListeners', 'DescribeTargets', 'DescribeTargetHealth']) {
    // Lists of the first two are null in good health too, or are cross-checked elsewhere.
    if (fault.kind === 'null-fields' && action !== 'DescribeTargets' && action !== 'DescribeTargetHealth') continue;
    test(`${fault.kind} for good in ${action} is an error, never a state`, async (t) => {
      const { observe, api } = await open(t, patience(fault.kind));
      api.misbehave({ ...fault, action });
      await assert.rejects(observe(), (thrown) => {
        assert.ok(thrown instanceof error.type, String(thrown));
        assert.match(thrown.message, error.text);
        assert.ok(thrown.hint);
        return true;
      });
    });
  }
}

test('a balancer that shows another weight than was asked for is reported as it is', async (t) => {
  const { observe, api, drained } = await open(t);
  api.misbehave({ kind: 'wrong-weight', weight: 10 });
  assert.deepEqual(weights(await observe())[0], [drained, 10, 'alive']);
});

test('a region without the balancer is an error of its own', async (t) => {
  const { cloud, clock, one } = await open(t);
  await assert.rejects(
    createLoadBalancer(cloud, clock).observe({ id: one.balancerId, region: 'ap-beijing' }),
    (error) => error instanceof CloudError && /no load balancer .* in region ap-beijing/.test(error.message),
  );
});

test('a clock that is off by ten minutes is named as the cause', async (t) => {
  const { observe } = await open(t, { api: { skewMs: 600_000 } });
  await assert.rejects(
    observe(),
    (error) =>
      error instanceof CloudError && error.code === 'AuthFailure.SignatureExpire' && /clock/.test(error.hint ?? ''),
  );
});

for (const [name, change, code] of [
  ['an unknown secret id', { TENCENTCLOUD_SECRET_ID: 'AKIDnobodyknowsthisone' }, 'AuthFailure.SecretIdNotFound'],
  ['a wrong secret key', { TENCENTCLOUD_SECRET_KEY: 'wrong' }, 'AuthFailure.SignatureFailure'],
  ['a token that does not belong there', { TENCENTCLOUD_TOKEN: 'wrong' }, 'AuthFailure.TokenFailure'],
] as const) {
  test(`${name} stops at once with ${code} and where the credentials came from`, async (t) => {
    const known = newCredential();
    const { observe, api } = await open(t, {
      api: { credentials: [known] },
      env: { TENCENTCLOUD_SECRET_ID: known.secretId, TENCENTCLOUD_SECRET_KEY: known.secretKey, ...change },
    });
    await assert.rejects(observe(), (error) => {
      assert.ok(error instanceof CloudError);
      assert.equal(error.code, code);
      assert.match(error.hint ?? '', /environment \(AKID\*{4}/);
      assert.ok(!`${error.message}${error.hint}`.includes(known.secretKey));
      return true;
    });
    assert.equal(api.recent.length, 1);
  });
}

test('a role is taken on with the keys of a profile, and its temporary credential is accepted', async (t) => {
  const base = newCredential();
  const homeDir = mkdtempSync(join(tmpdir(), 'zeroloss-'));
  t.after(() => rmSync(homeDir, { recursive: true }));
  mkdirSync(join(homeDir, '.tccli'));
  const profile = { ...base, 'role-arn': 'qcs::cam::uin/100000000001:roleName/upgrades' };
  writeFileSync(join(homeDir, '.tccli/ops.credential'), JSON.stringify(profile));
  const { observe, api, drained } = await open(t, {
    api: { credentials: [base] },
    homeDir,
    env: { TCCLI_PROFILE: 'ops' },
  });
  assert.equal(weights(await observe())[0]?.[0], drained);
  assert.equal(api.calls['AssumeRole'], 1);
});
