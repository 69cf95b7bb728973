import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { test } from 'node:test';
import { fateOfError } from '../../../sandbox/traffic/connection.ts';
import { Ledger, type TrafficReport } from '../../../sandbox/traffic/report.ts';
import { startTraffic, type TrafficOptions } from '../../../sandbox/traffic/start-traffic.ts';

type OnRequest = (socket: Socket, request: string) => void;

const answer = (headers = '', body = 'hello') =>
  `HTTP/1.1 200 OK\r\nx-pod: nginx-0\r\n${headers}content-length: ${body.length}\r\n\r\n${body}`;
const CLOSE = 'connection: close\r\n';
const isLast = (request: string) => request.includes('Connection: close');

async function serve(onRequest: OnRequest): Promise<Server & { url: { host: string; port: number } }> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => onRequest(socket, data.toString('latin1')));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return Object.assign(server, { url: { host: '127.0.0.1', port: address.port } });
}

/** A test whose traffic never does what it waits for fails after this long. */
const PATIENCE_MS = 5_000;

/** Runs the traffic until the report satisfies `enough`, then stops it. */
async function runUntil(
  options: Partial<TrafficOptions> & { host: string; port: number },
  enough: (report: TrafficReport) => boolean,
): Promise<TrafficReport> {
  const traffic = startTraffic({
    shortPerSecond: 0,
    keepAliveClients: 0,
    streamClients: 0,
    streamMs: [50, 50],
    random: () => 0,
    ...options,
  });
  const deadlineMs = Date.now() + PATIENCE_MS;
  while (!enough(traffic.snapshot()) && Date.now() < deadlineMs)
    await new Promise((resolve) => setTimeout(resolve, 10));
  const report = await traffic.stop();
  assert.ok(enough(report), JSON.stringify(report));
  return report;
}

async function runAgainst(
  onRequest: OnRequest,
  options: Partial<TrafficOptions>,
  enough: (report: TrafficReport) => boolean,
): Promise<TrafficReport> {
  const server = await serve(onRequest);
  try {
    return await runUntil({ ...server.url, ...options }, enough);
  } finally {
    server.close();
  }
}

const shortOnly = { shortPerSecond: 50 };
const someLost = (report: TrafficReport) => report.lost.length > 0;

test('short connections that are answered and closed are completed, and counted by pod', async () => {
  const report = await runAgainst(
    (socket) => socket.end(answer(CLOSE)),
    shortOnly,
    (r) => r.completed >= 10,
  );
  assert.equal(report.completed, report.connections);
  assert.equal(report.requests, report.connections);
  assert.deepEqual(report.byPod, { 'nginx-0': report.connections });
  assert.deepEqual([report.open, report.lost], [0, []]);
});

test('a port without a listener is refused', async () => {
  const server = await serve(() => {});
  server.close();
  await once(server, 'close');
  const report = await runUntil({ ...server.url, ...shortOnly }, someLost);
  const [lost] = report.lost;
  assert.deepEqual([lost?.fate, lost?.kind, lost?.cause, lost?.bytes], ['refused', 'short', 'ECONNREFUSED', 0]);
  assert.equal(report.completed, 0);
});

test('a connection reset before its answer is a reset that names the port it came from', async () => {
  const peers: (number | undefined)[] = [];
  const report = await runAgainst(
    (socket) => {
      peers.push(socket.remotePort);
      socket.resetAndDestroy();
    },
    shortOnly,
    someLost,
  );
  assert.deepEqual([report.lost[0]?.fate, report.lost[0]?.localPort], ['reset', peers[0]]);
});

test('an answer that ends early is cut, and the loss names the pod', async () => {
  const report = await runAgainst((socket) => socket.end(answer(CLOSE).slice(0, -1)), shortOnly, someLost);
  const { fate, pod, bytes } = report.lost[0]!;
  assert.deepEqual([fate, pod, bytes], ['cut', 'nginx-0', answer(CLOSE).length - 1]);
});

test('a keep-alive client sends many requests on one connection and ends it by asking', async () => {
  const report = await runAgainst(
    (socket, request) => (isLast(request) ? socket.end(answer(CLOSE)) : socket.write(answer())),
    { keepAliveClients: 1 },
    (r) => r.completed >= 1,
  );
  assert.equal(report.requests > report.connections, true);
  assert.deepEqual(report.lost, []);
});

test('an idle keep-alive connection closed without announcement is lost', async () => {
  const report = await runAgainst(
    (socket) => {
      socket.write(answer());
      setImmediate(() => socket.end());
    },
    { keepAliveClients: 1, random: () => 0.9 },
    someLost,
  );
  assert.deepEqual([report.lost[0]?.kind, report.lost[0]?.fate], ['keep-alive', 'cut']);
});

test('an idle keep-alive connection closed after its announcement is completed', async () => {
  const report = await runAgainst(
    (socket) => socket.end(answer(CLOSE)),
    { keepAliveClients: 1 },
    (r) => r.completed >= 2,
  );
  assert.deepEqual(report.lost, []);
});

test('a stream is completed by its last chunk and cut without it', async () => {
  let streams = 0;
  const report = await runAgainst(
    (socket) => {
      streams += 1;
      socket.write(`HTTP/1.1 200 OK\r\nx-pod: nginx-1\r\ntransfer-encoding: chunked\r\n\r\n5\r\ntick\n\r\n`);
      socket.end(streams === 1 ? '0\r\n\r\n' : '');
    },
    { streamClients: 1 },
    someLost,
  );
  assert.deepEqual([report.completed, report.streamsLost], [1, 1]);
  assert.deepEqual([report.lost[0]?.kind, report.lost[0]?.fate, report.lost[0]?.pod], ['stream', 'cut', 'nginx-1']);
});

test('stop lets a running stream finish and opens nothing more', async () => {
  let end: () => void = () => {};
  const started = Promise.withResolvers<void>();
  const server = await serve((socket) => {
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
    end = () => socket.end('0\r\n\r\n');
    started.resolve();
  });
  const options = { ...server.url, shortPerSecond: 0, keepAliveClients: 0, streamClients: 1 };
  const traffic = startTraffic({ ...options, streamMs: [50, 50] });
  await started.promise;
  const stopped = traffic.stop();
  assert.equal(traffic.snapshot().open, 1);
  end();
  const report = await stopped;
  assert.deepEqual([report.completed, report.streams, report.streamsLost], [1, 1, 0]);
  assert.equal(await traffic.stop(), report);
  server.close();
});

test('clients that have not begun when traffic stops never begin', async () => {
  const server = await serve((socket) => socket.end(answer(CLOSE)));
  const clients = { shortPerSecond: 0, keepAliveClients: 10, streamClients: 5 };
  const traffic = startTraffic({ ...server.url, ...clients, streamMs: [50, 50] });
  const { connections } = await traffic.stop();
  await new Promise((resolve) => setTimeout(resolve, 150));
  assert.equal(traffic.snapshot().connections, connections);
  server.close();
});

test('the host running out of ports or descriptors is its own error, not a fate of the peer', () => {
  assert.equal(fateOfError('EADDRNOTAVAIL', false), 'own-error');
  assert.equal(fateOfError('EMFILE', false), 'own-error');
  assert.equal(fateOfError('ECONNREFUSED', false), 'refused');
  assert.equal(fateOfError('ECONNRESET', true), 'reset');
  assert.equal(fateOfError('EPIPE', true), 'reset');
  assert.equal(fateOfError('ETIMEDOUT', false), 'timeout');
});

test('a connection that the generator could not open is reported apart and is no connection at all', () => {
  const ledger = new Ledger();
  ledger.opened('stream');
  const end = { atMs: 0, afterMs: 0, localPort: 0, bytes: 0, pod: undefined };
  ledger.settled('stream', { ...end, fate: 'own-error', cause: 'EADDRNOTAVAIL' });
  const report = ledger.snapshot();
  assert.deepEqual([report.connections, report.completed, report.streams, report.lost], [0, 0, 0, []]);
  assert.deepEqual(report.ownErrors, { EADDRNOTAVAIL: 1 });
});

test('a snapshot does not change afterwards', () => {
  const ledger = new Ledger();
  const before = ledger.snapshot();
  ledger.opened('short');
  assert.equal(before.connections, 0);
});

test('after a stall the generator does not burst, and says what it skipped', async () => {
  let reads = 0;
  const report = await runAgainst(
    (socket) => socket.end(answer(CLOSE)),
    {
      shortPerSecond: 100,
      now: () => {
        reads += 1;
        return reads < 2 ? 0 : 10_000;
      },
    },
    (r) => r.skipped > 0,
  );
  assert.ok(report.skipped >= 900, `${report.skipped} skipped`);
});

test('senseless options are refused', () => {
  const options = { host: '127.0.0.1', port: 1, shortPerSecond: 1, keepAliveClients: 0, streamClients: 0 };
  assert.throws(() => startTraffic({ ...options, streamMs: [2, 1] }), RangeError);
  assert.throws(() => startTraffic({ ...options, shortPerSecond: -1, streamMs: [1, 1] }), RangeError);
});
