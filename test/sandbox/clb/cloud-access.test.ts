import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf, sdkFor, startTestCloud } from './cloud.ts';
import { startTestClb } from './support.ts';

test('a wrong secret key, an unknown secret id and a wrong token each have their own code', async (t) => {
  const cloud = await startTestCloud(t, startTestClb(t));
  const wrong = (credential: object) => codeOf(sdkFor(cloud, { credential }).clb.DescribeLoadBalancers({}));
  assert.equal(await wrong({ secretKey: 'wrong' }), 'AuthFailure.SignatureFailure');
  assert.equal(await wrong({ secretId: 'AKIDnobody' }), 'AuthFailure.SecretIdNotFound');
  assert.equal(await wrong({ token: 'wrong' }), 'AuthFailure.TokenFailure');
});

test('a request without a signature is refused', async (t) => {
  const cloud = await startTestCloud(t, startTestClb(t));
  const headers = { 'X-TC-Action': 'DescribeLoadBalancers', 'X-TC-Version': '2018-03-17' };
  const response = await fetch(cloud.url, { method: 'POST', headers, body: '{}' });
  assert.equal(response.status, 200);
  const { Response: answer } = JSON.parse(await response.text());
  assert.equal(answer.Error.Code, 'AuthFailure.InvalidAuthorization');
  assert.match(answer.RequestId, /^[0-9a-f-]{36}$/);
});

test('a clock that is more than five minutes off is refused', async (t) => {
  const clb = startTestClb(t);
  const near = await startTestCloud(t, clb, { skewMs: 290_000 });
  await sdkFor(near).clb.DescribeLoadBalancers({});
  const far = await startTestCloud(t, clb, { skewMs: -310_000 });
  assert.equal(await codeOf(sdkFor(far).clb.DescribeLoadBalancers({})), 'AuthFailure.SignatureExpire');
});

test('both spellings of the host are accepted in a signature', async (t) => {
  const cloud = await startTestCloud(t, startTestClb(t));
  const byName = { ...cloud, url: cloud.url.replace('127.0.0.1', 'localhost') };
  assert.equal((await sdkFor(byName).clb.DescribeLoadBalancers({})).TotalCount, 0);
});

test('calls beyond the limit of a second are refused, per action', async (t) => {
  const clb = startTestClb(t, { now: () => 1_700_000_000_000 });
  const cloud = await startTestCloud(t, clb, { rateLimitPerSecond: 2, skewMs: Date.now() - 1_700_000_000_000 });
  const sdk = sdkFor(cloud);
  await sdk.clb.DescribeLoadBalancers({});
  await sdk.clb.DescribeLoadBalancers({});
  assert.equal(await codeOf(sdk.clb.DescribeLoadBalancers({})), 'RequestLimitExceeded');
  await sdk.monitor.DescribeBaseMetrics({ Namespace: 'QCE/LB_PUBLIC' });
  assert.deepEqual(cloud.calls, { DescribeLoadBalancers: 3, DescribeBaseMetrics: 1 });
});

test('an action or a parameter that the cloud does not know is refused', async (t) => {
  const sdk = sdkFor(await startTestCloud(t, startTestClb(t)));
  assert.equal(await codeOf(sdk.clb.DescribeQuota(null)), 'InvalidAction');
  assert.equal(await codeOf(sdk.clb.request('DescribeLoadBalancers', { Colour: 'red' })), 'UnknownParameter');
  assert.equal(await codeOf(sdk.clb.request('DescribeListeners', {})), 'MissingParameter');
  assert.equal(await codeOf(sdk.clb.request('DescribeListeners', { LoadBalancerId: 7 })), 'InvalidParameter');
});

test('a role can be assumed, and its credential works with its token only and until it expires', async (t) => {
  let nowMs = Date.now();
  const cloud = await startTestCloud(t, startTestClb(t, { now: () => nowMs }));
  const { Credentials: role } = await sdkFor(cloud).sts.AssumeRole({
    RoleArn: 'qcs::cam::uin/100000000001:roleName/reader',
    RoleSessionName: 'test',
    DurationSeconds: 60,
  });
  const credential = { secretId: role?.TmpSecretId ?? '', secretKey: role?.TmpSecretKey ?? '' };
  const withToken = sdkFor(cloud, { credential: { ...credential, token: role?.Token ?? '' } });
  assert.equal((await withToken.sts.GetCallerIdentity()).Arn, 'qcs::cam::uin/100000000001:roleName/reader');
  assert.equal(await codeOf(sdkFor(cloud, { credential }).clb.DescribeLoadBalancers({})), 'AuthFailure.TokenFailure');
  nowMs += 61_000;
  assert.equal(await codeOf(withToken.clb.DescribeLoadBalancers({})), 'AuthFailure.TokenFailure');
});

test('a web identity is exchanged without a signature, and its token is not kept', async (t) => {
  const cloud = await startTestCloud(t, startTestClb(t));
  const response = await fetch(cloud.url, {
    method: 'POST',
    headers: {
      Authorization: 'SKIP',
      'X-TC-Action': 'AssumeRoleWithWebIdentity',
      'X-TC-Version': '2018-08-13',
      'X-TC-Region': 'ap-guangzhou',
    },
    body: JSON.stringify({
      ProviderId: 'cls-oidc',
      WebIdentityToken: 'very-secret',
      RoleArn: 'qcs::cam::uin/100000000001:roleName/reader',
      RoleSessionName: 'test',
    }),
  });
  const { Response: answer } = JSON.parse(await response.text());
  const { TmpSecretId: secretId, TmpSecretKey: secretKey, Token: token } = answer.Credentials;
  await sdkFor(cloud, { credential: { secretId, secretKey, token } }).clb.DescribeLoadBalancers({});
  assert.ok(!JSON.stringify(cloud.recent).includes('very-secret'));
});
