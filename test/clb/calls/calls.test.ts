import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createLimiter } from '../../../lib/clb/calls/limiter.ts';
import { CloudError, ConnectionError, TimeLimitError } from '../../../lib/core/errors.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { CREDENTIALS, connected, SECRET } from '../connected.ts';
import type { Received } from '../fake-cloud.ts';

const REGION = 'ap-guangzhou';
const PARAMS = { LoadBalancerId: 'lb-1' };
const OK = { Listeners: [], TotalCount: 0 };

/** The signature a server computes from what it was sent (TC3-HMAC-SHA256). */
function signatureOf({ headers, body }: Received, secretKey: string): string {
  const hex = (text: string) => createHash('sha256').update(text).digest('hex');
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const timestamp = String(headers['x-tc-timestamp']);
  const date = new Date(Number(timestamp) * 1000).toISOString().slice(0, 10);
  const service = /Credential=[^/]+\/[^/]+\/([^/]+)\/tc3_request/.exec(String(headers.authorization))?.[1] ?? '';
  const host = String(headers.host).replace(/:\d+$/, '');
  const canonical = `POST\n/\n\ncontent-type:${headers['content-type']}\nhost:${host}\n\ncontent-type;host\n${hex(body)}`;
  const toSign = `TC3-HMAC-SHA256\n${timestamp}\n${date}/${service}/tc3_request\n${hex(canonical)}`;
  return hmac(hmac(hmac(hmac(`TC3${secretKey}`, date), service), 'tc3_request'), toSign).toString('hex');
}

test('a call is signed with the credential, and carries action, version, region and token', async (t) => {
  const env = { ...CREDENTIALS, TENCENTCLOUD_TOKEN: SECRET.token };
  const { server, cloud } = await connected(t, { DescribeListeners: () => OK }, { env });
  await cloud.call('clb', 'DescribeListeners', PARAMS, { region: REGION });
  const request = server.received[0]!;
  assert.ok(String(request.headers.authorization).endsWith(`Signature=${signatureOf(request, SECRET.key)}`));
  assert.ok(String(request.headers.authorization).includes(`Credential=${SECRET.id}/`));
  assert.equal(request.headers['x-tc-version'], '2018-03-17');
  assert.equal(request.headers['x-tc-token'], SECRET.token);
  assert.equal(request.region, REGION);
  assert.deepEqual(request.params, PARAMS);
});

for (const code of [
  'RequestLimitExceeded',
  'RequestLimitExceeded.UinLimitExceeded',
  'InternalError',
  'FailedOperation.ResourceInOperating',
  'ResourceInUse',
]) {
  test(`${code} is tried again after growing pauses until it passes`, async (t) => {
    const { server, cloud, clock } = await connected(t, {
      DescribeListeners: (_, nth) => (nth < 5 ? { error: code } : OK),
    });
    await cloud.call('clb', 'DescribeListeners', PARAMS, { region: REGION });
    assert.equal(server.received.length, 5);
    assert.deepEqual(clock.sleeps, [188, 375, 750, 1500]);
  });
}

test('a refusal of several lines is reported in one', async (t) => {
  const { cloud } = await connected(t, {
    DescribeListeners: () => ({ error: 'InvalidParameter', message: 'no such listener\n  lbl-1\r\n' }),
  });
  await assert.rejects(
    cloud.call('clb', 'DescribeListeners', PARAMS, { region: REGION }),
    /clb:DescribeListeners: no such listener lbl-1 \(InvalidParameter, /,
  );
});

test('a call that stays throttled fails at its deadline, with code and RequestId', async (t) => {
  const { cloud, clock } = await connected(t, { DescribeListeners: () => ({ error: 'RequestLimitExceeded' }) });
  const began = clock.now();
  await assert.rejects(cloud.call('clb', 'DescribeListeners', PARAMS, { region: REGION }), (error) => {
    assert.ok(error instanceof CloudError);
    assert.equal(error.code, 'RequestLimitExceeded');
    assert.match(error.requestId ?? '', /^request-\d+$/);
    assert.ok(error.message.includes(error.requestId ?? '?'));
    return true;
  });
  assert.ok(clock.now() - began <= 60_000);
});

for (const code of [
  'InvalidParameter.LBIdNotFound',
  'FailedOperation',
  'UnauthorizedOperation.CamNoAuth',
  'LimitExceeded',
  'Some.CodeNobodyKnows',
]) {
  test(`${code} is a failure at once, never an answer`, async (t) => {
    const { server, cloud } = await connected(t, { DescribeListeners: () => ({ error: code }) });
    await assert.rejects(
      cloud.call('clb', 'DescribeListeners', PARAMS, { region: REGION }),
      (error) => error instanceof CloudError && error.code === code && error.hint !== undefined,
    );
    assert.equal(server.received.length, 1);
  });
}

test('refused credentials name where they came from and a masked id, and stop', async (t) => {
  const { server, cloud } = await connected(t, {
    DescribeListeners: () => ({ error: 'AuthFailure.SecretIdNotFound' }),
  });
  await assert.rejects(cloud.call('clb', 'DescribeListeners', PARAMS, { region: REGION }), (error) => {
    assert.ok(error instanceof CloudError);
    assert.match(error.hint ?? '', /environment \(AKID\*{4}wxyz\)/);
    assert.doesNotMatch(`${error.message} ${error.hint}`, new RegExp(`${SECRET.id}|${SECRET.key}`));
    return true;
  });
  assert.equal(server.received.length, 1);
});

test('an expired signature is explained by the clock of the machine', async (t) => {
  const { cloud } = await connected(t, { DescribeListeners: () => ({ error: 'AuthFailure.SignatureExpire' }) });
  await assert.rejects(
    cloud.call('clb', 'DescribeListeners', PARAMS, { region: REGION }),
    (error) => error instanceof CloudError && /clock/.test(error.hint ?? ''),
  );
});

for (const [name, reply] of [
  ['status 200 with HTML', { status: 200, text: '<html>please log in</html>' }],
  ['status 200 with JSON of another kind', { status: 200, text: '{"ok":true}', contentType: 'application/json' }],
  ['status 200 with an event stream', { status: 200, text: 'data: {}', contentType: 'text/event-stream' }],
  ['status 502', { status: 502, text: 'bad gateway' }],
  ['a connection that is reset', 'reset'],
] as const) {
  test(`${name} is tried a few times, and is then an error, never an empty answer`, async (t) => {
    const { server, cloud } = await connected(t, { DescribeListeners: () => reply });
    await assert.rejects(
      cloud.call('clb', 'DescribeListeners', PARAMS, { region: REGION }),
      (error) => error instanceof ConnectionError && error.message.includes('clb:DescribeListeners'),
    );
    assert.equal(server.received.length, 4);
  });
}

test('a login page that goes away does not fail the call', async (t) => {
  const { cloud } = await connected(t, {
    DescribeListeners: (_, nth) => (nth === 1 ? { status: 200, text: '<html>' } : OK),
  });
  const answer = await cloud.call('clb', 'DescribeListeners', PARAMS, { region: REGION });
  assert.deepEqual(answer['Listeners'], []);
});

test('an endpoint that never answers is cut off, tried again and reported with its time limit', async (t) => {
  const { server, cloud } = await connected(t, { DescribeListeners: () => 'hang' }, { fetchTimeoutMs: 300 });
  await assert.rejects(
    cloud.call('clb', 'DescribeListeners', PARAMS, { region: REGION }),
    (error) => error instanceof ConnectionError && /did not answer .* within 0\.3 s/.test(error.message),
  );
  assert.equal(server.received.length, 4);
});

test('an answer whose body never ends is cut off too', async (t) => {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('{"Response":');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { cloud } = await connected(
    t,
    {},
    {
      fetchTimeoutMs: 50,
      env: { ...CREDENTIALS, ZEROLOSS_CLOUD_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
    },
  );
  await assert.rejects(
    cloud.call('clb', 'DescribeListeners', PARAMS, { region: REGION }),
    (error) => error instanceof ConnectionError && /did not answer/.test(error.message),
  );
});

test('a refused connection is reported with the endpoint and what to check', async (t) => {
  const { server, cloud } = await connected(t, {});
  const host = `127.0.0.1:${server.port}`;
  await server.stop();
  await assert.rejects(
    cloud.call('clb', 'DescribeListeners', PARAMS, { region: REGION }),
    (error) => error instanceof ConnectionError && error.message.includes(host) && /ECONNREFUSED/.test(error.message),
  );
});

test('an abort ends a call that waits for an answer, with the reason of the signal', async (t) => {
  const abort = new AbortController();
  const reason = new Error('interrupted');
  const { cloud } = await connected(t, {
    DescribeListeners: () => {
      abort.abort(reason);
      return 'hang';
    },
  });
  await assert.rejects(
    cloud.call('clb', 'DescribeListeners', PARAMS, { region: REGION, signal: abort.signal }),
    (error) => error === reason,
  );
});

test('more than 20 calls of one action take more than a second, other actions are not held up', async (t) => {
  const { server, cloud, clock } = await connected(t, {
    DescribeListeners: () => OK,
    DescribeTargetHealth: () => ({ LoadBalancers: [] }),
  });
  const began = clock.now();
  const call = () => cloud.call('clb', 'DescribeListeners', PARAMS, { region: REGION });
  await Promise.all(Array.from({ length: 20 }, call));
  assert.equal(clock.now(), began);
  await cloud.call('clb', 'DescribeTargetHealth', { LoadBalancerIds: ['lb-1'] }, { region: REGION });
  assert.equal(clock.now(), began);
  await Promise.all(Array.from({ length: 21 }, call));
  assert.equal(clock.now() - began, 2000);
  assert.equal(server.received.length, 42);
});

test('traces show action, region, time and RequestId, and no secret at any level', async (t) => {
  const env = { ...CREDENTIALS, TENCENTCLOUD_TOKEN: SECRET.token };
  const { cloud, traces } = await connected(
    t,
    {
      DescribeListeners: (_, nth) =>
        nth === 1
          ? { error: 'InternalError', message: `key ${SECRET.key}` }
          : { ...OK, Echo: [SECRET.token, SECRET.id] },
    },
    { env },
  );
  await cloud.call('clb', 'DescribeListeners', PARAMS, { region: REGION });
  const text = traces.join('\n');
  assert.match(text, /6 clb:DescribeListeners ap-guangzhou failed \(try 1, busy\).*InternalError/);
  assert.match(text, /6 clb:DescribeListeners ap-guangzhou ok in \d+ ms, RequestId request-2/);
  for (const secret of [SECRET.id, SECRET.key, SECRET.token]) assert.ok(!text.includes(secret));
});

test('bodies are traced from -v 8 on, and not made below', async (t) => {
  for (const [verbosity, bodies] of [
    [7, 0],
    [8, 2],
  ] as const) {
    const { cloud, traces } = await connected(t, { DescribeListeners: () => OK }, { verbosity });
    await cloud.call('clb', 'DescribeListeners', PARAMS, { region: REGION });
    assert.equal(traces.filter((line) => line.startsWith('8 ')).length, bodies);
    assert.equal(traces.filter((line) => line.startsWith('6 ')).length, 1);
  }
});

test('the proxy variable that the SDK reads by itself does not divert loopback', async (t) => {
  const before = process.env['http_proxy'];
  process.env['http_proxy'] = 'http://127.0.0.1:9';
  t.after(() => {
    if (before === undefined) delete process.env['http_proxy'];
    else process.env['http_proxy'] = before;
  });
  const { cloud } = await connected(t, { DescribeListeners: () => OK });
  await cloud.call('clb', 'DescribeListeners', PARAMS, { region: REGION });
});

test('a time-out that cuts a call names it, and a call that hangs is named within seconds', async (t) => {
  const late = new AbortController();
  const told: string[] = [];
  const tell = (line: string) => {
    told.push(line);
    late.abort(new TimeLimitError('8s'));
  };
  const { cloud } = await connected(t, { DescribeListeners: () => 'hang' }, { tell });
  await assert.rejects(
    cloud.call('clb', 'DescribeListeners', PARAMS, { region: REGION, signal: late.signal }),
    (error) =>
      error instanceof TimeLimitError &&
      /^the time-out of 8s passed; clb:DescribeListeners at 127\S+ was not answered$/.test(error.message),
  );
  assert.match(told.join(), /^waiting: clb:DescribeListeners at 127\S+ has not been answered for 3s$/);
});

test('a call that waits for its turn can be aborted, and gives its place to the next', async () => {
  const clock = new FakeClock();
  const limiter = createLimiter(clock, 1);
  const done = await limiter.take('x');
  const abort = new AbortController();
  const aborted = limiter.take('x', abort.signal);
  const next = limiter.take('x');
  const reason = new Error('interrupted');
  abort.abort(reason);
  await assert.rejects(aborted, (error) => error === reason);
  done();
  (await next)();
  assert.equal(clock.now() - clock.startMs, 1000);
});
