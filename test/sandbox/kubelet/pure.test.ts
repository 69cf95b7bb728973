import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AddressPool } from '../../../sandbox/kubelet/address/address-pool.ts';
import { LogBuffer } from '../../../sandbox/kubelet/container/log-buffer.ts';
import { renderProcNetTcp, renderProcNetTcp6, TcpState } from '../../../sandbox/kubelet/container/proc-net.ts';
import { runCommand } from '../../../sandbox/kubelet/container/shell.ts';
import { fullImageName, qosClassOf } from '../../../sandbox/kubelet/pod/kubelet-status.ts';
import { planPod } from '../../../sandbox/kubelet/pod/pod-plan.ts';
import { MalformedRequest, RequestReader } from '../../../sandbox/kubelet/server/request-reader.ts';
import { podObject } from './harness.ts';

test('an address comes round again only after all the others', () => {
  const pool = new AddressPool('127.77.', 254 * 254 - 1);
  assert.equal(pool.take(), '127.77.253.254');
  assert.equal(pool.take(), '127.77.0.1');
  pool.release('127.77.0.1');
  assert.equal(pool.take(), '127.77.0.2');
  assert.throws(() => new AddressPool('10.0.'), RangeError);
});

test("/proc/net/tcp is the kernel's own table: addresses byte-reversed, ports and states in hex, 149 columns", () => {
  const text = renderProcNetTcp([
    {
      state: TcpState.listen,
      localAddress: '127.77.0.1',
      localPort: 80,
      remoteAddress: '0.0.0.0',
      remotePort: 0,
      inode: 7,
    },
    {
      state: TcpState.established,
      localAddress: '127.77.0.1',
      localPort: 80,
      remoteAddress: '10.0.1.2',
      remotePort: 40000,
      inode: 8,
    },
  ]);
  const [header, listener, established, rest] = text.split('\n');
  assert.match(
    header!,
    /^ {2}sl {2}local_address rem_address {3}st tx_queue rx_queue tr tm->when retrnsmt {3}uid {2}timeout inode/,
  );
  assert.match(
    listener!,
    /^ {3}0: 01004D7F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000 {5}0 {8}0 7 1 /,
  );
  assert.match(established!, /^ {3}1: 01004D7F:0050 0201000A:9C40 01 /);
  assert.deepEqual([header!.length, listener!.length, established!.length, rest], [149, 149, 149, '']);
  assert.match(renderProcNetTcp6(), /^ {2}sl .*inode\n$/);
});

test('requests are found wherever the stream is split, bodies are read over', () => {
  const stream = Buffer.from(
    'POST /a?x=1 HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\nConnection: Close\r\n\r\n',
  );
  for (const size of [1, 5, 1000]) {
    const reader = new RequestReader();
    const found = [];
    for (let at = 0; at < stream.length; at += size) found.push(...reader.push(stream.subarray(at, at + size)));
    assert.deepEqual(
      found.map(({ method, path, closes }) => ({ method, path, closes })),
      [
        { method: 'POST', path: '/a', closes: false },
        { method: 'GET', path: '/b', closes: true },
      ],
    );
  }
  assert.throws(() => new RequestReader().push(Buffer.from('hello\r\n\r\n')), MalformedRequest);
  assert.throws(() => new RequestReader().push(Buffer.alloc(20_000, 'a')), MalformedRequest);
  assert.equal(new RequestReader().push(Buffer.from('GET / HTTP/1.0\r\n\r\n'))[0]?.closes, true);
});

test('behaviour comes from annotations, and a fault from an image tag too', () => {
  const complaints: string[] = [];
  const plan = (pod = podObject()) => planPod(pod, (line) => complaints.push(line));
  const prefix = 'sandbox.kubectl-zeroloss/';
  assert.deepEqual(
    [plan().onTerminate, plan().readyAfterMs, plan().containers[0]?.fault],
    ['ungraceful', 0, undefined],
  );
  assert.equal(plan(podObject({ annotations: { [`${prefix}ready-after`]: '1.5s' } })).readyAfterMs, 1500);
  assert.equal(plan(podObject({ annotations: { [`${prefix}on-terminate`]: 'graceful' } })).onTerminate, 'graceful');
  assert.equal(
    plan(podObject({ annotations: { [`${prefix}fault`]: 'never-ready' } })).containers[0]?.fault,
    'never-ready',
  );
  assert.equal(
    plan(podObject({ container: { image: 'r:5000/nginx:1-crash-loop' } })).containers[0]?.fault,
    'crash-loop',
  );
  assert.equal(plan(podObject({ container: { image: 'crash-loop:5000/nginx' } })).containers[0]?.fault, undefined);
  assert.deepEqual(complaints, []);
  const bad = { [`${prefix}ready-after`]: 'soon', [`${prefix}fault`]: 'fire', [`${prefix}on-terminate`]: 'maybe' };
  assert.equal(plan(podObject({ annotations: bad })).readyAfterMs, 500);
  assert.equal(complaints.length, 3);
});

test('a preStop hook lasts as long as its sleep, however it is written', () => {
  const lasting = (preStop: unknown) =>
    planPod(podObject({ container: { lifecycle: { preStop } } }), () => {}).containers[0]?.preStop;
  const exec = (...command: string[]) => lasting({ exec: { command } });
  assert.deepEqual(lasting({ sleep: { seconds: 5 } }), { kind: 'sleep', ms: 5000 });
  assert.deepEqual(exec('sleep', '3'), { kind: 'exec', command: 'sleep 3', ms: 3000 });
  assert.deepEqual(exec('/bin/bash', '-c', 'sleep 20'), { kind: 'exec', command: '/bin/bash -c sleep 20', ms: 20_000 });
  assert.equal((exec('sh', '-c', 'sleep 1m; nginx -s quit; sleep 0.5') as { ms: number }).ms, 60_500);
  assert.equal((exec('true') as { ms: number }).ms, 0);
  assert.equal(lasting(undefined), undefined);
});

test('UDP ports are not served, and a port named twice is served once', () => {
  const ports = [{ containerPort: 80 }, { containerPort: 80, name: 'again' }, { containerPort: 53, protocol: 'UDP' }];
  assert.deepEqual(planPod(podObject({ container: { ports } }), () => {}).containers[0]?.ports, [80]);
});

test('images are named in the status as the container runtime names them', () => {
  assert.equal(fullImageName('nginx:1.25.3'), 'docker.io/library/nginx:1.25.3');
  assert.equal(fullImageName('nginx'), 'docker.io/library/nginx:latest');
  assert.equal(fullImageName('team/app:v1'), 'docker.io/team/app:v1');
  assert.equal(fullImageName('ccr.ccs.tencentyun.com/team/app@sha256:00'), 'ccr.ccs.tencentyun.com/team/app@sha256:00');
  assert.equal(fullImageName('localhost/app'), 'localhost/app:latest');
});

test('the QoS class follows requests and limits', () => {
  const classOf = (resources: object) => qosClassOf(podObject({ container: { resources } }));
  assert.equal(classOf({}), 'BestEffort');
  assert.equal(classOf({ limits: { 'tke.cloud.tencent.com/eni-ip': '1' } }), 'BestEffort');
  assert.equal(classOf({ requests: { cpu: '1' } }), 'Burstable');
  assert.equal(classOf({ limits: { cpu: '1', memory: '1Gi' } }), 'Guaranteed');
});

const host = { hostname: 'nginx-0', image: 'nginx:1', sockets: () => [], nowMs: 0 };

test('the shell runs what a rehearsal needs, alone or in a script', () => {
  const headers = renderProcNetTcp([]) + renderProcNetTcp6();
  assert.deepEqual(runCommand(['cat', '/proc/net/tcp', '/proc/net/tcp6'], host), {
    stdout: headers,
    stderr: '',
    exitCode: 0,
  });
  assert.equal(runCommand(['sh', '-c', 'cat /proc/net/tcp; cat /proc/net/tcp6 2>/dev/null'], host).stdout, headers);
  assert.equal(runCommand(['/bin/sh', '-c', `echo "a ; b" 'c' && hostname`], host).stdout, 'a ; b c\nnginx-0\n');
  assert.equal(runCommand(['sh', '-c', 'false && echo no'], host).exitCode, 1);
  assert.equal(runCommand(['date'], host).stdout, 'Thu, 01 Jan 1970 00:00:00 GMT\n');
  const missing = runCommand(['cat', '/proc/net/tcp', '/nowhere'], host);
  assert.deepEqual([missing.exitCode, missing.stderr], [1, 'cat: /nowhere: No such file or directory\n']);
});

test('a command that the image has not got is 126 from exec and 127 from a shell', () => {
  assert.equal(runCommand(['ss', '-tn'], host).exitCode, 126);
  assert.match(runCommand(['ss', '-tn'], host).stderr, /"ss": executable file not found/);
  assert.equal(runCommand(['sh', '-c', 'ss -tn'], host).exitCode, 127);
  assert.equal(runCommand(['cat', '/proc/net/tcp'], { ...host, image: 'app:distroless' }).exitCode, 126);
});

test('the log keeps its last 5,000 lines and sends new ones to followers until they leave', () => {
  const log = new LogBuffer(() => 1);
  const heard: string[] = [];
  const leave = log.follow((line) => heard.push(line.text));
  for (let i = 0; i < 12_000; i += 1) log.write(String(i));
  leave();
  log.write('last');
  assert.deepEqual([log.lines().length, log.lines().at(-1)?.text, heard.length], [5_000, 'last', 12_000]);
});
