import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { proxyFor } from '../../../lib/clb/calls/cloud-proxy.ts';
import { openWire } from '../../../lib/clb/calls/cloud-wire.ts';
import { UsageError } from '../../../lib/core/errors.ts';

const CLOUD = new URL('https://clb.tencentcloudapi.com');
const HTTPS_PROXY = 'http://proxy.example:3128';

test('the proxy is read from either case of the variable, upper case first', () => {
  assert.equal(proxyFor(CLOUD, { HTTPS_PROXY }), 'http://proxy.example:3128/');
  assert.equal(proxyFor(CLOUD, { https_proxy: HTTPS_PROXY }), 'http://proxy.example:3128/');
  assert.equal(proxyFor(CLOUD, { HTTPS_PROXY, https_proxy: 'http://other:1' }), 'http://proxy.example:3128/');
  assert.equal(proxyFor(CLOUD, { HTTPS_PROXY: 'proxy.example:3128' }), 'http://proxy.example:3128/');
});

test('HTTP_PROXY is not for HTTPS, and loopback is never proxied', () => {
  assert.equal(proxyFor(CLOUD, { HTTP_PROXY: HTTPS_PROXY, http_proxy: HTTPS_PROXY }), undefined);
  assert.equal(proxyFor(new URL('https://127.0.0.1:1'), { HTTPS_PROXY }), undefined);
  assert.equal(proxyFor(new URL('http://localhost:1'), { HTTP_PROXY: HTTPS_PROXY }), undefined);
});

for (const noProxy of [
  '*',
  'tencentcloudapi.com',
  '.tencentcloudapi.com',
  '*.tencentcloudapi.com',
  'x, CLB.tencentcloudapi.com',
  'clb.tencentcloudapi.com:443',
]) {
  test(`NO_PROXY=${noProxy} goes round the proxy`, () => {
    assert.equal(proxyFor(CLOUD, { HTTPS_PROXY, NO_PROXY: noProxy }), undefined);
    assert.equal(proxyFor(CLOUD, { HTTPS_PROXY, no_proxy: noProxy }), undefined);
  });
}

for (const noProxy of [
  '',
  'cloudapi.com',
  '.clb.tencentcloudapi.com',
  'clb.tencentcloudapi.com:8443',
  '10.0.0.0/8',
  ',',
]) {
  test(`NO_PROXY="${noProxy}" does not mean this host`, () => {
    assert.notEqual(proxyFor(CLOUD, { HTTPS_PROXY, NO_PROXY: noProxy }), undefined);
  });
}

test('NO_PROXY knows addresses and subnets', () => {
  const at = (host: string, noProxy: string) =>
    proxyFor(new URL(`https://${host}`), { HTTPS_PROXY, NO_PROXY: noProxy });
  assert.equal(at('10.1.2.3', '10.0.0.0/8'), undefined);
  assert.equal(at('10.1.2.3', '10.1.2.3'), undefined);
  assert.equal(at('[fd00::1]', 'fd00::/8'), undefined);
  assert.notEqual(at('11.1.2.3', '10.0.0.0/8'), undefined);
});

test('a proxy of another kind is refused, and its password is not repeated', () => {
  assert.throws(
    () => proxyFor(CLOUD, { HTTPS_PROXY: 'socks5://user:hunter2@proxy:1080' }),
    (error) =>
      error instanceof UsageError && !error.message.includes('hunter2') && error.message.includes('HTTPS_PROXY'),
  );
});

test('requests go through the proxy with CONNECT, and its refusal is reported', async (t) => {
  const asked: string[] = [];
  const proxy = createServer().on('connect', (request, socket) => {
    asked.push(`${request.url} ${request.headers['proxy-authorization']}`);
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const { port } = proxy.address() as AddressInfo;
  const send = openWire({
    endpointOf: () => ({ protocol: 'https://', host: 'clb.cloud.invalid' }),
    env: { https_proxy: `http://user:pass@127.0.0.1:${port}` },
    timeoutMs: 5000,
  });
  const credential = { secretId: 'id', secretKey: 'key' };
  await assert.rejects(
    send({ service: 'clb', action: 'DescribeTargets', params: {}, region: 'r', credential, signal: undefined }),
    (error) => error instanceof Error && 'failure' in error && JSON.stringify(error.failure).includes('407'),
  );
  assert.deepEqual(asked, [`clb.cloud.invalid:443 Basic ${Buffer.from('user:pass').toString('base64')}`]);
});
