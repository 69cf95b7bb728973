import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { describe, it } from 'node:test';
import { ConnectionError, isPassing, StatusError } from '../../../lib/core/errors.ts';
import { PODS } from '../../../lib/ports/resources.ts';
import type { ExecResult } from '../../../lib/ports.ts';
import { connectionsOn, SECOND_LOOK_MS, Sightings } from '../../../lib/sources/pod-sockets/connections.ts';
import { createPodSockets } from '../../../lib/sources/pod-sockets/pod-sockets.ts';
import { podSocketsSource } from '../../../lib/sources/pod-sockets/pod-sockets-source.ts';
import { parseProcNetTcp, type Socket, TcpState } from '../../../lib/sources/pod-sockets/proc-net-tcp.ts';
import { pod, statefulSet } from '../../builders.ts';
import { FakeKube } from '../../fakes/api/kube.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { pods } from '../clb-monitor/backends.ts';
import { both, from, listener, noCat, open, sidecars } from './opened.ts';
import { TCP, table } from './tables.ts';

describe('the sockets that count as connections', () => {
  const count = (...sockets: Socket[]): number => connectionsOn([listener, ...sockets], 80).length;
  it('is an established socket on the target port, and no other port', () => {
    assert.equal(count(from('192.0.2.1')), 1);
    assert.equal(count(from('192.0.2.1', { localPort: 8080 })), 0);
    assert.equal(count(from('192.0.2.1', { localPort: 40_000, remotePort: 80 })), 0);
  });
  it('is one that is closing while something can still be lost, and none that is over', () => {
    for (const state of [TcpState.finWait1, TcpState.finWait2, TcpState.closeWait, TcpState.lastAck, TcpState.closing])
      assert.equal(count(from('192.0.2.1', { state })), 1);
    for (const state of [TcpState.listen, TcpState.timeWait, TcpState.close, TcpState.synReceived, TcpState.synSent])
      assert.equal(count(from('192.0.2.1', { state })), 0);
    assert.equal(count(from('192.0.2.1', { state: TcpState.finWait2, inode: 0 })), 0);
    // The program has let go of these too, but not all that it sent has arrived.
    for (const state of [TcpState.finWait1, TcpState.lastAck, TcpState.closing])
      assert.equal(count(from('192.0.2.1', { state, inode: 0 })), 1);
  });
  it('is seen in the table of a real kernel', {
    skip: process.platform !== 'linux' && 'only Linux has /proc',
  }, async () => {
    const server = createServer((socket) => socket.on('error', () => socket.destroy())).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const look = async () => parseProcNetTcp(await readFile('/proc/net/tcp', 'utf8'), 1);
    const client = connect(port, '127.0.0.1');
    await Promise.all([once(server, 'connection'), once(client, 'connect')]);
    const sockets = await look();
    assert.ok(sockets.some(({ state, localPort }) => state === TcpState.listen && localPort === port));
    const [seen, ...more] = connectionsOn(sockets, port);
    assert.deepEqual([seen?.remotePort, more.length], [client.localPort, 0]);
    client.destroy();
    server.close();
  });
});

describe('the memory of a backend', () => {
  const old = from('192.0.2.1');
  const young = from('192.0.2.1', { remotePort: 50_001 });
  it('shows the time of each connection, not of its peer, and of several the longest', () => {
    const sightings = new Sightings();
    sightings.note('b', [old], 0);
    assert.deepEqual(sightings.note('b', [old, young], 3000), [{ peer: '192.0.2.1', connections: 2, seenForMs: 3000 }]);
    assert.deepEqual(sightings.note('b', [young], 5000), [{ peer: '192.0.2.1', connections: 1, seenForMs: 2000 }]);
    assert.deepEqual(sightings.note('b', [old], 6000), [{ peer: '192.0.2.1', connections: 1, seenForMs: 0 }]);
  });
  it('is doubted again after half a minute, and never what was there before', () => {
    const sightings = new Sightings();
    assert.equal(sightings.isDoubtful('b', [old], 0), true);
    assert.equal(sightings.isDoubtful('b', [old], 29_999), false);
    assert.equal(sightings.isDoubtful('b', [old], 30_000), true);
    sightings.note('b', [old], 30_000);
    assert.equal(sightings.isDoubtful('b', [old, young], 90_000), false);
    assert.equal(sightings.isDoubtful('b', [young], 90_000), true);
    assert.equal(sightings.isDoubtful('b', [], 180_000), false);
  });
});

describe('the pod source', () => {
  it('counts the connections of each peer and shows for how long it has seen them', async () => {
    const tables = [
      [listener, from('192.0.2.1'), from('192.0.2.1', { remotePort: 50_001 }), from('192.0.2.7')],
      [listener, from('192.0.2.1', { remotePort: 50_001 }), from('192.0.2.8')],
    ];
    const { read, clock } = open({ answer: () => both(tables[0] ?? []) });
    assert.equal((await read())?.points[0]?.value, 3);
    await clock.sleep(4800);
    tables.shift();
    const series = await read();
    assert.deepEqual(series?.points, [{ atMs: clock.now(), untilMs: clock.now(), value: 2 }]);
    assert.deepEqual(series?.holders, [
      { peer: '192.0.2.1', connections: 1, seenForMs: 5000 },
      { peer: '192.0.2.8', connections: 1, seenForMs: 0 },
    ]);
    assert.equal(series?.cadence.kind, 'instant');
  });
  it('counts a table of 200,000 sockets, which is larger than what one exec may collect', async () => {
    const sockets = Array.from({ length: 200_000 }, (_, index) =>
      from(`10.1.${index >> 14}.1`, { remotePort: 1024 + (index & 0x3fff) }),
    );
    const { prove, read } = open({ answer: () => both([listener, ...sockets]) });
    assert.equal((await prove())?.countable, true);
    assert.equal((await read())?.points[0]?.value, 200_000);
  });
  it('does not take a socket in a state with an unknown number for no connection', async () => {
    const { prove } = open({ answer: () => both([listener, from('192.0.2.1', { state: 12 })]) });
    await assert.rejects(prove(), (error) => isPassing(error) && /state 0C/.test(error.message));
  });
  it('looks twice at what was not there before, and believes the second look; but not twice in half a minute', async () => {
    let looks = 0;
    const probe = [listener, from('192.0.2.1', { remotePort: 1 })];
    const { read } = open({ answer: () => both(++looks % 2 === 1 ? probe : [listener]) });
    assert.equal((await read())?.points[0]?.value, 0);
    assert.equal(looks, 2);
    assert.equal((await read())?.points[0]?.value, 1);
    assert.equal(looks, 3);
  });
  it('dates a second look by its own moment: what ended since the first was a connection then, and no window of zeros begins there', async () => {
    let looks = 0;
    const { read, clock } = open({ answer: () => both(++looks === 1 ? [listener, from('192.0.2.1')] : [listener]) });
    const beganMs = clock.now();
    const atMs = beganMs + SECOND_LOOK_MS;
    assert.deepEqual((await read())?.points, [{ atMs, untilMs: atMs, value: 0 }]);
    assert.equal(looks, 2);
  });
  it('shows when its look began and when it was over, and of two looks those of the second', async () => {
    let looks = 0;
    const opened = open({
      answer: async () => {
        looks += 1;
        await opened.clock.sleep(400);
        return both(looks === 2 ? [listener, from('192.0.2.1')] : [listener]);
      },
    });
    const beganMs = opened.clock.now();
    await opened.prove();
    const firstMs = opened.clock.now();
    const seen: (object | undefined)[] = [(await opened.read())?.points[0], (await opened.read())?.points[0]];
    const secondMs = firstMs + 400 + SECOND_LOOK_MS;
    assert.equal(firstMs, beganMs + 400);
    assert.deepEqual(seen, [
      { atMs: secondMs, untilMs: secondMs + 400, value: 0 },
      { atMs: secondMs + 400, untilMs: secondMs + 800, value: 0 },
    ]);
  });
  it('asks the owner of the port first, then any container that has cat, and remembers which', async () => {
    const { prove, read, asked } = open({
      pod: sidecars,
      answer: (container) => (container === 'shell' ? both([listener, from('192.0.2.1')]) : noCat),
    });
    const proof = await prove();
    assert.deepEqual([proof?.countable, asked], [true, ['nginx', 'shell']]);
    assert.match(proof?.because ?? '', /container shell.*1 connection/);
    await read();
    assert.deepEqual(asked, ['nginx', 'shell', 'shell', 'shell']);
  });
  it('says clearly that a distroless pod has no cat, in any words of the runtime', async () => {
    const failure = new StatusError(
      500,
      'InternalError',
      'failed to exec in container: exec: "cat": executable file not found in $PATH',
    );
    for (const answer of [() => noCat, () => Promise.reject(failure)]) {
      const proof = await open({ answer }).prove();
      assert.equal(proof?.countable, false);
      assert.match(proof?.because ?? '', /no container of pod nginx-0 has cat \(nginx\); --debug-image/);
    }
  });
  it('adds nothing where nothing may be written, and says that it would', async () => {
    const { prove, kube } = open({ debugImage: 'busybox:1.37', mayWrite: false, answer: () => noCat });
    assert.match((await prove())?.because ?? '', /one of busybox:1.37 would be added, but this run writes nothing/);
    assert.deepEqual(kube.writes, []);
    const values = { debugImage: 'busybox:1.37' };
    assert.deepEqual(
      [true, false].map((mayWrite) => podSocketsSource.asked(values, { mayWrite })),
      [true, false],
    );
  });
  it('adds one ephemeral container to a distroless pod when asked to, and uses it again', async () => {
    const answer = (container: string) => (container.startsWith('kubectl-zeroloss-') ? both([listener]) : noCat);
    const { prove, kube, warnings } = open({ debugImage: 'busybox:1.37', answer });
    assert.equal((await prove())?.countable, true);
    assert.match(warnings.join(), /pod\/nginx-0: adding ephemeral container kubectl-zeroloss-1 \(busybox:1.37\)/);
    const again = createPodSockets({
      kube,
      clock: new FakeClock(),
      warn: assert.fail,
      debugImage: 'busybox:1.37',
      mayWrite: true,
    });
    assert.equal((await again.prove([pods().drained], []))[0]?.countable, true);
    assert.equal((await again.prove([pods().drained], []))[0]?.countable, true);
  });
  const distroless = (container: string) => (container.startsWith('kubectl-zeroloss-') ? both([listener]) : noCat);
  const ephemeral = (state: object) => ({
    spec: { ephemeralContainers: [{ name: 'kubectl-zeroloss-1' }] },
    status: { ephemeralContainerStatuses: [{ name: 'kubectl-zeroloss-1', state }] },
  });
  it('adds another one when the one before has ended, to that very pod', async () => {
    const { prove, kube, warnings } = open({
      debugImage: 'busybox',
      answer: distroless,
      pod: ephemeral({ terminated: { reason: 'Error' } }),
    });
    const patches: unknown[] = [];
    const patch = kube.patch.bind(kube);
    kube.patch = async (...call) => {
      patches.push(call[2]);
      return patch(...call);
    };
    assert.equal((await prove())?.countable, true);
    assert.match(warnings.join(), /adding ephemeral container kubectl-zeroloss-2/);
    assert.deepEqual((patches[0] as { metadata?: unknown }).metadata, { uid: 'uid-0' });
  });
  it('waits a minute for an ephemeral container, then shows why it does not run', async () => {
    const { prove, clock } = open({
      debugImage: 'busybox',
      answer: () => noCat,
      pod: ephemeral({ waiting: { reason: 'ImagePullBackOff' } }),
    });
    const proof = await prove();
    assert.equal(proof?.countable, false);
    assert.match(proof?.because ?? '', /kubectl-zeroloss-1 \(busybox\) does not run: ImagePullBackOff/);
    assert.equal(clock.now() - clock.startMs, 60_000);
  });
  it('gives an ephemeral container up when its pod is replaced meanwhile', async () => {
    const { prove, kube, clock } = open({
      debugImage: 'busybox',
      answer: () => noCat,
      pod: ephemeral({ waiting: { reason: 'ContainerCreating' } }),
    });
    clock.at(5000, () => {
      const before = kube.object(PODS, 'nginx-0') ?? assert.fail('there is a pod');
      kube.remove(PODS, 'nginx-0');
      kube.put({ ...before, metadata: { ...before.metadata, uid: 'newcomer' } });
    });
    assert.match((await prove())?.because ?? '', /replaced meanwhile/);
    assert.equal(clock.now() - clock.startMs, 5000);
  });
  it('asks the owner of the port before an ephemeral container, and none that does not run', async () => {
    const { spec, status } = ephemeral({ running: {} });
    const merge = {
      spec: { ...spec, containers: sidecars.spec.containers },
      status: {
        ...status,
        containerStatuses: [
          { name: 'nginx', state: { running: {} } },
          { name: 'shell', state: { waiting: { reason: 'CrashLoopBackOff' } } },
        ],
      },
    };
    const { prove, asked } = open({ pod: merge, answer: () => noCat });
    assert.equal((await prove())?.countable, false);
    assert.deepEqual(asked, ['nginx', 'kubectl-zeroloss-1']);
    const still = { status: { containerStatuses: [{ name: 'nginx', state: { waiting: {} } }] } };
    assert.match((await open({ pod: still }).prove())?.because ?? '', /no container of pod nginx-0 is running/);
  });
  it('does not take a server that knows no such pod for a pod without cat', async () => {
    const gone = new StatusError(404, 'NotFound', 'container: no such file or directory');
    const proof = await open({ answer: () => Promise.reject(gone) }).prove();
    assert.equal(proof?.because, 'container: no such file or directory');
  });
  it('takes a container that has ended meanwhile for unread, with status 404 as with 500', async () => {
    let answers: () => Promise<ExecResult> | ExecResult = () => both([listener]);
    const { prove, read } = open({ answer: () => answers() });
    assert.equal((await prove())?.countable, true);
    for (const status of [404, 500]) {
      answers = () => Promise.reject(new StatusError(status, 'NotFound', 'container not found ("nginx")'));
      await assert.rejects(
        read(),
        (error) => isPassing(error) && /container nginx: container not found/.test(error.message),
      );
      await assert.rejects(prove(), isPassing);
    }
  });
  it('takes a pod that is gone for unread, and leaves it to the next look', async () => {
    let answers: () => Promise<ExecResult> | ExecResult = () => both([listener]);
    const { prove, read, kube } = open({ answer: () => answers() });
    assert.equal((await prove())?.countable, true);
    answers = () => Promise.reject(new StatusError(404, 'NotFound', 'pods "nginx-0" not found'));
    kube.remove(PODS, 'nginx-0');
    await assert.rejects(read(), (error) => isPassing(error) && /pod nginx-0 is gone/.test(error.message));
  });
  it('cannot count in a dry run what only an ephemeral container could', async () => {
    const { prove, kube } = open({ answer: () => noCat });
    assert.equal((await prove())?.countable, false);
    assert.deepEqual(kube.writes, []);
  });
  it('wants to see the listener first: elsewhere its connections would not show', async () => {
    const proof = await open({ answer: () => both([{ ...listener, localPort: 8080 }]) }).prove();
    assert.equal(proof?.countable, false);
    assert.match(proof?.because ?? '', /nothing listens on port 80 of pod nginx-0/);
  });
  it('takes a connection on the port for no listener', async () => {
    const proof = await open({ answer: () => both([from('192.0.2.1')]) }).prove();
    assert.match(proof?.because ?? '', /nothing listens on port 80/);
  });
  it('does not take a cat that has printed something for one that is not there', async () => {
    const answer = () => ({ ...noCat, stdout: table(TCP, [listener]) });
    await assert.rejects(open({ answer }).prove(), (error) => error instanceof ConnectionError && error.retryable);
  });
  it('cannot count behind a sidecar that takes the connections over', async () => {
    const proof = await open({ pod: { spec: { containers: [{ name: 'nginx' }, { name: 'istio-proxy' }] } } }).prove();
    assert.equal(proof?.countable, false);
    assert.match(proof?.because ?? '', /sidecar istio-proxy/);
    const native = { spec: { initContainers: [{ name: 'istio-proxy', restartPolicy: 'Always' }] } };
    assert.match((await open({ pod: native }).prove())?.because ?? '', /sidecar istio-proxy/);
  });
  for (const protocol of ['UDP', 'QUIC'])
    it(`cannot count ${protocol}, and says what can`, async () => {
      const { prove, read, asked } = open({ backends: [pods({ listener: { protocol } }).drained] });
      const proof = await prove();
      assert.deepEqual([proof?.countable, await read(), asked], [false, undefined, []]);
      assert.match(proof?.because ?? '', new RegExp(`sockets cannot be counted for ${protocol}.*packets`));
    });
  it('does not look into a pod that took the name meanwhile', async () => {
    const proof = await open({ backends: [{ ...pods().drained, podUid: 'older' }] }).prove();
    assert.equal(proof?.countable, false);
    assert.match(proof?.because ?? '', /replaced/);
  });
  it('that may not exec says which permission is missing', async () => {
    const forbidden = new StatusError(403, 'Forbidden', 'pods "nginx-0" is forbidden');
    const proof = await open({ answer: () => Promise.reject(forbidden) }).prove();
    assert.match(proof?.because ?? '', /forbidden.*pods\/exec/);
  });
  it('reads a kernel without IPv6 as having no IPv6 connection', async () => {
    const stderr = "cat: can't open '/proc/net/tcp6': No such file or directory\n";
    const { read } = open({
      answer: () => ({ stdout: table(TCP, [listener, from('192.0.2.1')]), stderr, exitCode: 1 }),
    });
    assert.equal((await read())?.points[0]?.value, 1);
  });
  for (const [what, result] of [
    ['nothing', { stdout: '', stderr: '', exitCode: 0 }],
    ['a table that is cut off', { stdout: table(TCP, [listener]).slice(0, -20), stderr: '', exitCode: 0 }],
    ['one table of two', { stdout: table(TCP, [listener]), stderr: '', exitCode: 0 }],
    ['a failed cat', { stdout: table(TCP, [listener]), stderr: 'cat: /proc/net/tcp6: Permission denied', exitCode: 1 }],
    ['a killed cat', { stdout: '', stderr: '', exitCode: 137 }],
  ] as [string, ExecResult][]) {
    it(`takes ${what} for an error that may be temporary, never for zero`, async () => {
      await assert.rejects(
        open({ answer: () => result }).read(),
        (error) => error instanceof ConnectionError && error.retryable,
      );
    });
  }
  it('asks no more than ten pods at a time', async () => {
    let [under, most] = [0, 0];
    const answer = async (): Promise<ExecResult> => {
      under += 1;
      most = Math.max(most, under);
      await new Promise((resolve) => setImmediate(resolve));
      under -= 1;
      return both([listener]);
    };
    const set = statefulSet();
    const objects = Array.from({ length: 25 }, (_, ordinal) => pod({ statefulSet: set, ordinal }));
    const kube = new FakeKube(objects, { onExec: answer });
    const source = createPodSockets({
      kube,
      clock: new FakeClock(),
      warn: assert.fail,
      debugImage: undefined,
      mayWrite: true,
    });
    const { drained } = pods();
    const backends = objects.map(({ metadata: { name, uid = '' } }) => ({ ...drained, pod: name, podUid: uid }));
    const series = await source.read(backends, 0);
    assert.equal(series.length, 25);
    assert.ok(most <= 10);
  });
});
