import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { WireError } from '../../../lib/clb/calls/cloud-failure.ts';
import { openWire } from '../../../lib/clb/calls/cloud-wire.ts';
import { explain } from '../../../lib/clb/calls/explain.ts';
import { startProxy } from '../../kube/fixtures/proxy.ts';

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
    (error) => {
      assert.ok(error instanceof WireError && error.failure.kind === 'network');
      assert.equal(error.failure.reason, 'the proxy refused the tunnel: 407 Proxy Authentication Required');
      const call = {
        service: 'clb',
        action: 'DescribeTargets',
        region: 'r',
        host: 'h',
        timeoutMs: 1,
        identity: undefined,
      };
      assert.match(explain(error.failure, call).hint ?? '', /HTTPS_PROXY=http:\/\/USER:PASSWORD@HOST:PORT/);
      return true;
    },
  );
  assert.deepEqual(asked, [`clb.cloud.invalid:443 Basic ${Buffer.from('user:pass').toString('base64')}`]);
});

test('a SOCKS5 proxy that leads to the cluster leads to the cloud too, by the name that may be known there alone', async (t) => {
  const cloud = createServer((_request, response) => response.end('{"Response":{"RequestId":"r-1","TotalCount":0}}'));
  await new Promise<void>((resolve) => cloud.listen(0, '127.0.0.1', resolve));
  await using proxy = await startProxy((cloud.address() as AddressInfo).port);
  t.after(() => {
    cloud.closeAllConnections();
    cloud.close();
  });
  const send = openWire({
    endpointOf: () => ({ protocol: 'http://', host: 'clb.cloud.invalid' }),
    env: { HTTP_PROXY: proxy.socksUrl },
    timeoutMs: 5000,
  });
  const credential = { secretId: 'id', secretKey: 'key' };
  const answer = await send({
    ...{ service: 'clb', action: 'DescribeTargets', params: {}, region: 'r', credential, signal: undefined },
  } as const);
  assert.deepEqual(answer, { RequestId: 'r-1', TotalCount: 0 });
  assert.deepEqual(proxy.asked, ['clb.cloud.invalid:80']);
});

test('an answer in another shape than the cloud’s is an error in words, and is read no further than allowed', async (t) => {
  let body = '';
  const cloud = createServer((_request, response) => {
    if (body !== 'endless') return void response.end(body);
    const more = () => {
      while (response.write(Buffer.alloc(1024 * 1024, ' ')));
    };
    response.on('drain', more);
    more();
  });
  await new Promise<void>((resolve) => cloud.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    cloud.closeAllConnections();
    cloud.close();
  });
  const host = `127.0.0.1:${(cloud.address() as AddressInfo).port}`;
  const send = openWire({ endpointOf: () => ({ protocol: 'http://', host }), env: {}, timeoutMs: 20_000 });
  const credential = { secretId: 'id', secretKey: 'key' };
  for (const [sent, reason] of [
    ['', /^the answer is not JSON: it is empty$/],
    ['null', /^the answer has no Response: null$/],
    ['[]', /^the answer has no Response/],
    ['{}', /^the answer has no Response: \{\}$/],
    ['{"Response":null}', /^the answer has no Response/],
    ['{"Response":{}}', /^the answer has no RequestId$/],
    ['{"Response":{"Error":"no","RequestId":"r"}}', /^the answer has an Error without a Code$/],
    ['<html>log in</html>', /^the answer is not JSON: <html>log in/],
    ['endless', /^the answer is larger than 32 MiB, and was not read further$/],
  ] as const) {
    body = sent;
    await assert.rejects(
      send({ service: 'clb', action: 'DescribeTargets', params: {}, region: 'r', credential, signal: undefined }),
      (error) => {
        assert.ok(error instanceof WireError && error.failure.kind === 'not-the-api', String(error));
        assert.match(error.failure.reason, reason);
        return true;
      },
    );
  }
});
