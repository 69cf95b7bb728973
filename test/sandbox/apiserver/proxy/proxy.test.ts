import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, type TestContext, test } from 'node:test';
import WebSocket from 'ws';
import { HOST_PORTS_ANNOTATION } from '../../../../sandbox/common/pod-behaviour.ts';
import { type FakeKubelet, startFakeKubelet } from '../fake-kubelet.ts';
import { credentialsOf, PODS_PATH, pod, useApi } from '../harness.ts';

let kubelet: FakeKubelet;
const api = useApi({}, async (self) => {
  kubelet = await startFakeKubelet(self, 'node-1');
  await self.post(PODS_PATH, pod('web-0'));
  await self.post(
    PODS_PATH,
    pod('web-two', {
      containers: [
        { name: 'a', image: 'a' },
        { name: 'b', image: 'b' },
      ],
    }),
  );
  await self.post(PODS_PATH, pod('homeless', { nodeName: '' }));
  await self.post(PODS_PATH, pod('lost', { nodeName: 'node-9' }));
});
after(() => kubelet.stop());

test('logs come from the kubelet of the pod, and the server shows it its own certificate', async () => {
  const { status, headers, text } = await api.get(`${PODS_PATH}/web-0/log?tailLines=5&timestamps=true`);
  assert.deepEqual([status, headers['content-type'], text], [200, 'text/plain', 'hello\n']);
  assert.equal(
    kubelet.calls.at(-1),
    'GET /containerLogs/default/web-0/nginx?timestamps=true&tailLines=5 kube-apiserver-kubelet-client',
  );
});

test('followed logs arrive as they are written, and a client that leaves ends the kubelet call', async (t) => {
  const { answerLogs } = kubelet;
  t.after(() => {
    kubelet.answerLogs = answerLogs;
  });
  let release: () => void = () => undefined;
  const { promise: gone, resolve: left } = Promise.withResolvers<void>();
  kubelet.answerLogs = (_request, response) => {
    response.write('first\n');
    release = () => response.write('second\n');
    response.once('close', left);
  };
  const answer = await api.open('GET', `${PODS_PATH}/web-0/log?follow=true`);
  const chunks = answer[Symbol.asyncIterator]();
  assert.equal(String((await chunks.next()).value), 'first\n');
  release();
  assert.equal(String((await chunks.next()).value), 'second\n');
  answer.destroy();
  await gone;
});

test('a kubelet that breaks off does not look like the end of the log', async (t) => {
  const { answerLogs } = kubelet;
  t.after(() => {
    kubelet.answerLogs = answerLogs;
  });
  kubelet.answerLogs = (_request, response) => {
    response.write('half');
    setImmediate(() => response.destroy());
  };
  await assert.rejects(api.get(`${PODS_PATH}/web-0/log`), /aborted|socket hang up/);
});

test('a container must be one of the pod, and named when there are several', async () => {
  const unnamed = await api.get(`${PODS_PATH}/web-two/log`);
  assert.equal(unnamed.status, 400);
  assert.match(unnamed.json.message, /a container name must be specified for pod web-two, choose one of: \[a b\]/);
  const wrong = await api.get(`${PODS_PATH}/web-0/log?container=ghost`);
  assert.equal(wrong.json.message, 'container ghost is not valid for pod web-0');
  assert.equal((await api.get(`${PODS_PATH}/web-0/log?tailLines=few`)).status, 400);
});

test('a refusal of the kubelet is passed on in its words', async (t) => {
  const { answerLogs } = kubelet;
  t.after(() => {
    kubelet.answerLogs = answerLogs;
  });
  kubelet.answerLogs = (_request, response) => {
    response.writeHead(400).end('container "nginx" in pod "web-0" is waiting to start: ContainerCreating');
  };
  const { status, json } = await api.get(`${PODS_PATH}/web-0/log`);
  assert.deepEqual([status, json.reason], [400, 'BadRequest']);
  assert.equal(json.message, 'container "nginx" in pod "web-0" is waiting to start: ContainerCreating');
});

test('a pod on no node has an empty log, one on a node that is gone has none', async () => {
  assert.deepEqual([(await api.get(`${PODS_PATH}/homeless/log`)).text], ['']);
  const { status, json } = await api.get(`${PODS_PATH}/lost/log`);
  assert.deepEqual([status, json.message], [404, 'nodes "node-9" not found']);
});

/** Opens an exec and collects its frames as text, the channel's number first. */
async function exec(t: TestContext, pod: string, query: string, protocol = 'v5.channel.k8s.io') {
  const { ca, cert, key } = await credentialsOf(api.server.kubeconfigFile);
  const url = `${api.server.url.replace('https', 'wss')}${PODS_PATH}/${pod}/exec?${query}`;
  const client = new WebSocket(url, [protocol], { ca, cert, key });
  t.after(() => client.terminate());
  const frames: string[] = [];
  let told: () => void = () => undefined;
  client.on('message', (data: Buffer) => {
    frames.push(`${data[0]}:${data.subarray(1)}`);
    told();
  });
  const opened = new Promise<void>((resolve, reject) => {
    client.once('open', resolve);
    client.once('error', reject);
    client.once('unexpected-response', async (_request, answer) => {
      let text = '';
      for await (const chunk of answer) text += chunk;
      reject(new Error(`${answer.statusCode} ${JSON.parse(text).message}`));
    });
  });
  const until = async (count: number) => {
    while (frames.length < count) {
      await new Promise<void>((resolve) => {
        told = resolve;
      });
    }
  };
  return { client, frames, opened, until };
}

test('exec passes frames both ways, under the protocol that the client chose', async (t) => {
  for (const protocol of ['v5.channel.k8s.io', 'v4.channel.k8s.io']) {
    const query = 'command=sh&command=-c&command=a+b&stdin=true&stdout=true&stderr=true';
    const { client, frames, opened, until } = await exec(t, 'web-0', query, protocol);
    await opened;
    assert.equal(client.protocol, protocol);
    assert.ok(kubelet.protocols.has(protocol));
    client.send(Buffer.concat([Buffer.from([0]), Buffer.from('shout')]));
    await until(2);
    client.send(Buffer.concat([Buffer.from([0]), Buffer.from('exit')]));
    await new Promise((resolve) => client.once('close', resolve));
    assert.deepEqual(frames, ['1:ready\n', '1:SHOUT', '3:{"status":"Success"}']);
    const call = 'GET /exec/default/web-0/nginx?command=sh&command=-c&command=a+b&input=1&output=1&error=1';
    assert.equal(kubelet.calls.at(-1), `${call} kube-apiserver-kubelet-client`);
  }
});

test('an exec that cannot be is refused before the upgrade, with a Status', async (t) => {
  const refused = async (name: string, query: string) => (await exec(t, name, query)).opened;
  await assert.rejects(refused('ghost', 'command=ls'), /404 pods "ghost" not found/);
  await assert.rejects(refused('web-0', ''), /400 you must specify at least 1 command for the container/);
  await assert.rejects(refused('homeless', 'command=ls'), /400 pod homeless does not have a host assigned/);
  kubelet.refuseExec = true;
  t.after(() => {
    kubelet.refuseExec = false;
  });
  await assert.rejects(refused('web-0', 'command=ls'), /404 container not found \("nginx"\)/);
});

test('an exec into a container that does not run is refused, also on the second try that kubectl makes', async () => {
  await api.post(PODS_PATH, pod('crashed'));
  const containerStatuses = [{ name: 'nginx', state: { waiting: { reason: 'CrashLoopBackOff' } } }];
  await api.merge(`${PODS_PATH}/crashed/status`, { status: { containerStatuses } });
  const headers = { Connection: 'Upgrade', Upgrade: 'SPDY/3.1' };
  const { status, json } = await api.call('POST', `${PODS_PATH}/crashed/exec?command=ls`, { headers });
  assert.deepEqual([status, json.message], [404, 'container not found ("nginx")']);
});

test('an exec by SPDY is refused with the advice to use a WebSocket', async () => {
  const headers = { Connection: 'Upgrade', Upgrade: 'SPDY/3.1' };
  const { status, json } = await api.call('POST', `${PODS_PATH}/web-0/exec?command=ls`, { headers });
  assert.equal(status, 400);
  assert.match(json.message, /exec needs a WebSocket/);
});

async function podServer(t: TestContext): Promise<{ port: number; seen: string[] }> {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers.authorization ?? 'no credentials'}`);
    response.writeHead(request.url === '/missing' ? 404 : 200, { 'Content-Type': 'text/plain', 'X-Pod': 'web' });
    response.end('connections 3\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return { port: (server.address() as AddressInfo).port, seen };
}

test('the pod proxy reaches the pod itself, and keeps the caller credentials from it', async (t) => {
  const { port, seen } = await podServer(t);
  await api.merge(`${PODS_PATH}/web-0/status`, { status: { podIP: '127.0.0.1' } });
  const { status, headers, text } = await api.get(`${PODS_PATH}/web-0:${port}/proxy/metrics?name=a%20b`, {
    Authorization: 'Bearer secret',
  });
  assert.deepEqual([status, headers['x-pod'], text], [200, 'web', 'connections 3\n']);
  assert.equal((await api.get(`${PODS_PATH}/http:web-0:${port}/proxy/missing`)).status, 404);
  assert.deepEqual(seen, ['GET /metrics?name=a%20b no credentials', 'GET /missing no credentials']);
});

test('the pod proxy goes where the kubelet really bound the port', async (t) => {
  const { port, seen } = await podServer(t);
  const annotations = { [HOST_PORTS_ANNOTATION]: JSON.stringify({ 80: `127.0.0.1:${port}` }) };
  await api.post(PODS_PATH, pod('mapped', {}, { annotations }));
  for (const name of ['mapped', 'mapped:80', 'mapped:http']) {
    assert.equal((await api.get(`${PODS_PATH}/${name}/proxy/`)).status, 200);
  }
  assert.equal(seen.length, 3);
});

test('a pod that cannot be reached is 503', async () => {
  await api.post(PODS_PATH, pod('addressless'));
  const { status, json } = await api.get(`${PODS_PATH}/addressless/proxy/`);
  assert.deepEqual([status, json.reason], [503, 'ServiceUnavailable']);
  assert.match(json.message, /^error trying to reach service: /);
  assert.equal((await api.get(`${PODS_PATH}/https:web-0:443/proxy/`)).status, 400);
  assert.equal((await api.get(`${PODS_PATH}/ghost:80/proxy/`)).status, 404);
});
