import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type RequestOptions, request } from 'node:https';
import { type TestContext, test } from 'node:test';
import { WebSocket } from 'ws';
import { PODS } from '../../../lib/ports/resources.ts';
import { addressOf, dial, get, podObject, type Rig, startRig, until, untilReady } from './harness.ts';

const clientOf = ({ authority, client, kubelet }: Rig) => ({
  ...client,
  ca: authority.certificate,
  host: '127.0.0.1',
  port: kubelet.port,
  agent: false as const,
});

async function fetchText(options: RequestOptions): Promise<{ status: number | undefined; text: string }> {
  const call = request(options).end();
  const [answer] = await once(call, 'response');
  let text = '';
  for await (const chunk of answer) text += chunk;
  return { status: answer.statusCode, text };
}

const logsOf = (rig: Rig, query = '', pod = 'nginx-0', container = 'nginx') =>
  fetchText({ ...clientOf(rig), path: `/containerLogs/default/${pod}/${container}?${query}` });

interface ExecOutcome {
  protocol: string;
  stdout: string;
  stderr: string;
  status: { status: string; details?: { causes: { message: string }[] } };
}

async function exec(
  t: TestContext,
  rig: Rig,
  command: readonly string[],
  protocols = ['v5.channel.k8s.io'],
): Promise<ExecOutcome> {
  const query = new URLSearchParams([...command.map((part) => ['command', part]), ['output', '1'], ['error', '1']]);
  const { agent: _agent, ...tls } = clientOf(rig);
  const socket = new WebSocket(
    `wss://127.0.0.1:${rig.kubelet.port}/exec/default/nginx-0/nginx?${query}`,
    protocols,
    tls,
  );
  t.after(() => socket.terminate());
  const channels = ['', '', '', ''];
  socket.on('message', (data: Buffer) => {
    channels[data[0]!] += data.subarray(1).toString();
  });
  await once(socket, 'close');
  return { protocol: socket.protocol, stdout: channels[1]!, stderr: channels[2]!, status: JSON.parse(channels[3]!) };
}

test('exec in a container with a process of its own runs beside that process', async (t) => {
  const asked: (readonly string[])[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<number>();
  const launch = () => ({
    ended,
    kill: () => resolve(143),
    exec: async (command: readonly string[]) => {
      asked.push(command);
      return { stdout: 'from there\n', stderr: '', exitCode: 3 };
    },
  });
  const rig = await startRig(t, [podObject()], { launch });
  await untilReady(rig.kube);
  const { stdout, status } = await exec(t, rig, ['argoexec', 'kill', '15', '1']);
  assert.deepEqual(
    [asked, stdout, status.details?.causes[0]?.message],
    [[['argoexec', 'kill', '15', '1']], 'from there\n', '3'],
  );
});

test('exec shows the real sockets of the pod in /proc/net/tcp, by the address of the pod', async (t) => {
  const rig = await startRig(t, [podObject()]);
  const address = addressOf(await untilReady(rig.kube));
  const client = await dial(t, address);
  client.send('/');
  await until(() => client.received() !== '');
  const { stdout, stderr, status, protocol } = await exec(t, rig, ['cat', '/proc/net/tcp', '/proc/net/tcp6']);
  const hexPort = (port: number) => port.toString(16).toUpperCase().padStart(4, '0');
  const local = `${[...Buffer.from(address.split('.').map(Number)).reverse()].map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join('')}:1F90`;
  assert.ok(stdout.includes(`: ${local} 00000000:0000 0A `), stdout);
  assert.ok(stdout.includes(`: ${local} 0100007F:${hexPort(client.localPort)} 01 `), stdout);
  assert.deepEqual([stderr, status.status, protocol], ['', 'Success', 'v5.channel.k8s.io']);
});

test('exec speaks v4 to those who ask for nothing newer', async (t) => {
  const rig = await startRig(t, [podObject()]);
  await untilReady(rig.kube);
  const { stdout, protocol } = await exec(t, rig, ['hostname'], ['v4.channel.k8s.io']);
  assert.deepEqual([stdout, protocol], ['nginx-0\n', 'v4.channel.k8s.io']);
});

test('a failed command ends with its exit code in a Status', async (t) => {
  const rig = await startRig(t, [podObject()]);
  await untilReady(rig.kube);
  const { status, stderr } = await exec(t, rig, ['sh', '-c', 'ss -tn']);
  assert.equal(status.status, 'Failure');
  assert.equal(status.details?.causes[0]?.message, '127');
  assert.equal(stderr, 'sh: 1: ss: not found\n');
});

test('exec refuses other upgrades and missing containers with a reason', async (t) => {
  const rig = await startRig(t, [podObject()]);
  await untilReady(rig.kube);
  const ask = (path: string, upgrade: string) =>
    fetchText({ ...clientOf(rig), path, headers: { Connection: 'Upgrade', Upgrade: upgrade } });
  const other = await ask('/exec/default/nginx-0/nginx?command=date', 'h2c');
  assert.equal(other.status, 400);
  assert.match(other.text, /speaks exec over WebSocket as v5\.channel\.k8s\.io or v4\.channel\.k8s\.io; asked for h2c/);
  assert.equal((await ask('/exec/default/nginx-0/sidecar?command=date', 'websocket')).status, 404);
  assert.equal((await ask('/exec/default/nginx-9/nginx?command=date', 'websocket')).status, 404);
});

test('logs are the access log: all of it, its tail, or with times', async (t) => {
  const rig = await startRig(t, [podObject()]);
  const address = addressOf(await untilReady(rig.kube));
  await get(t, address, '/first');
  await get(t, address, '/second');
  const all = await logsOf(rig);
  assert.equal(all.status, 200);
  assert.match(
    all.text,
    /^listening on 127\.77\.\S+:8080\n127\.0\.0\.1 "GET \/first" 200\n127\.0\.0\.1 "GET \/second" 200\n$/,
  );
  assert.equal((await logsOf(rig, 'tailLines=1')).text, '127.0.0.1 "GET /second" 200\n');
  assert.equal((await logsOf(rig, 'limitBytes=9')).text, 'listening');
  assert.match((await logsOf(rig, 'tailLines=1&timestamps=true')).text, /^\d{4}-\d\d-\d\dT\S+Z 127\.0\.0\.1 /);
  assert.equal((await logsOf(rig, 'previous=true')).status, 400);
  assert.equal((await logsOf(rig, '', 'nginx-0', 'sidecar')).status, 404);
});

test('followed logs go on until the container ends', async (t) => {
  const rig = await startRig(t, [podObject()]);
  const pod = await untilReady(rig.kube);
  const call = request({ ...clientOf(rig), path: '/containerLogs/default/nginx-0/nginx?follow=true' }).end();
  const [answer] = await once(call, 'response');
  let text = '';
  answer.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  await get(t, addressOf(pod), '/later');
  await until(() => text.includes('/later'));
  const ended = once(answer, 'end');
  await rig.kube.delete(PODS, 'nginx-0', {
    uid: undefined,
  });
  await ended;
  assert.match(text, /received SIGTERM\n$/);
});

test('a client without a certificate of the authority is turned away', async (t) => {
  const rig = await startRig(t, [podObject()]);
  const { key: _key, cert: _cert, ...anonymous } = clientOf(rig);
  assert.equal((await fetchText({ ...anonymous, path: '/healthz' })).status, 401);
  assert.equal((await fetchText({ ...clientOf(rig), path: '/healthz' })).text, 'ok');
  const upgrade = { Connection: 'Upgrade', Upgrade: 'websocket' };
  assert.equal(
    (await fetchText({ ...anonymous, path: '/exec/default/x/y?command=date', headers: upgrade })).status,
    401,
  );
});
