import assert from 'node:assert/strict';
import type { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { constants, createDeflate, createInflate } from 'node:zlib';
import { podObject, type Rig, startRig, until, untilReady } from '../sandbox/kubelet/harness.ts';
import { spdyDictionary } from './spdy-dictionary.ts';
import { spdyExec } from './spdy-exec.ts';
import { FrameReader } from './spdy-frames.ts';

/** A client as API servers are: it opens its streams one after the other, headers compressed in one go. */
class SpdyClient {
  readonly socket: TLSSocket;
  #received = Buffer.alloc(0);
  readonly #deflate = createDeflate({ dictionary: spdyDictionary() });
  #nextStream = 1;

  constructor(t: TestContext, { authority, client, kubelet }: Rig) {
    const ca = authority.certificate;
    this.socket = connect({ host: '127.0.0.1', port: kubelet.port, ca, ...client });
    t.after(() => this.socket.destroy());
    this.socket.on('data', (bytes: Buffer) => {
      this.#received = Buffer.concat([this.#received, bytes]);
    });
  }

  /** Sends the upgrade and returns the head of the answer. */
  async upgrade(command: readonly string[], protocols: string): Promise<string> {
    const query = new URLSearchParams([...command.map((part) => ['command', part]), ['output', '1'], ['error', '1']]);
    this.socket.write(
      `POST /exec/default/nginx-0/nginx?${query} HTTP/1.1\r\nHost: k\r\nContent-Length: 0\r\nConnection: Upgrade\r\n` +
        `Upgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${protocols}\r\n\r\n`,
    );
    await until(() => this.#received.includes('\r\n\r\n'));
    const end = this.#received.indexOf('\r\n\r\n');
    const head = this.#received.toString('latin1', 0, end);
    this.#received = this.#received.subarray(end + 4);
    return head;
  }

  async openStream(type: string): Promise<number> {
    const counted = (text: string) => Buffer.concat([word(text.length), Buffer.from(text)]);
    this.#deflate.write(Buffer.concat([word(1), counted('streamtype'), counted(type)]));
    await new Promise<void>((resolve) => this.#deflate.flush(constants.Z_SYNC_FLUSH, () => resolve()));
    const headers = readAll(this.#deflate);
    const streamId = this.#nextStream;
    this.#nextStream += 2;
    const length = 10 + headers.length;
    // In two pieces, as TCP may deliver it.
    const frame = Buffer.concat([word(0x80030001), word(length), word(streamId), word(0), Buffer.alloc(2), headers]);
    this.socket.write(frame.subarray(0, 11));
    this.socket.write(frame.subarray(11));
    return streamId;
  }

  ping(): Buffer {
    const frame = Buffer.concat([word(0x80030006), word(4), word(7)]);
    this.socket.write(frame);
    return frame;
  }

  /** The whole frames received so far. */
  frames(): { word: number; flags: number; payload: Buffer; raw: Buffer }[] {
    const frames = [];
    for (let rest = this.#received; rest.length >= 8; ) {
      const size = 8 + rest.readUIntBE(5, 3);
      if (rest.length < size) break;
      frames.push({
        word: rest.readUInt32BE(0),
        flags: rest[4]!,
        payload: rest.subarray(8, size),
        raw: rest.subarray(0, size),
      });
      rest = rest.subarray(size);
    }
    return frames;
  }

  /** Everything that arrived on a stream, once it is closed from the other side. */
  async readStream(streamId: number): Promise<string> {
    const of = () => this.frames().filter((frame) => frame.word === streamId);
    await until(() => of().some((frame) => frame.flags === 1));
    return Buffer.concat(of().map((frame) => frame.payload)).toString();
  }
}

function readAll(stream: Readable): Buffer {
  const pieces: Buffer[] = [];
  for (let piece = stream.read(); piece !== null; piece = stream.read()) pieces.push(piece);
  return Buffer.concat(pieces);
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

async function startExec(t: TestContext, command: readonly string[]): Promise<SpdyClient> {
  const rig = await startRig(t, [podObject()], { execUpgrade: spdyExec });
  await untilReady(rig.kube);
  const client = new SpdyClient(t, rig);
  const head = await client.upgrade(command, 'v5.channel.k8s.io, v4.channel.k8s.io, channel.k8s.io');
  assert.match(head, /^HTTP\/1\.1 101 .*Upgrade: SPDY\/3\.1\r\nX-Stream-Protocol-Version: v4\.channel\.k8s\.io$/s);
  return client;
}

test('exec over SPDY sends the output of the command on its streams, and its Status on the error stream', async (t) => {
  const client = await startExec(t, ['sh', '-c', 'hostname; ss']);
  const error = await client.openStream('error');
  const stdout = await client.openStream('stdout');
  const stderr = await client.openStream('stderr');
  assert.equal(await client.readStream(stdout), 'nginx-0\n');
  assert.equal(await client.readStream(stderr), 'sh: 1: ss: not found\n');
  const status = JSON.parse(await client.readStream(error));
  assert.deepEqual([status.status, status.details.causes], ['Failure', [{ reason: 'ExitCode', message: '127' }]]);
});

test('every stream over SPDY is accepted by a reply whose header block is empty', async (t) => {
  const client = await startExec(t, ['hostname']);
  const ids = [await client.openStream('error'), await client.openStream('stdout')];
  await until(() => client.frames().length === 2);
  const inflate = createInflate({ dictionary: spdyDictionary() });
  for (const [index, frame] of client.frames().entries()) {
    assert.deepEqual([frame.word, frame.payload.readUInt32BE(0)], [0x80030002, ids[index]]);
    inflate.write(frame.payload.subarray(4));
    await new Promise<void>((resolve) => inflate.flush(() => resolve()));
    assert.deepEqual(readAll(inflate), Buffer.alloc(4));
  }
  inflate.destroy();
});

test('a SPDY ping comes back as it was', async (t) => {
  const client = await startExec(t, ['hostname']);
  const sent = client.ping();
  assert.deepEqual((await until(() => client.frames()[0])).raw, sent);
});

test('a SPDY client of another protocol version is refused with what is accepted', async (t) => {
  const rig = await startRig(t, [podObject()], { execUpgrade: spdyExec });
  await untilReady(rig.kube);
  assert.match(await new SpdyClient(t, rig).upgrade(['date'], 'v9.channel.k8s.io'), /^HTTP\/1\.1 403 /);
});

test('bytes that are no SPDY end the connection', async (t) => {
  const client = await startExec(t, ['hostname']);
  client.socket.write(Buffer.alloc(64, 0xff));
  await until(() => client.socket.destroyed);
  assert.throws(() => new FrameReader().push(Buffer.alloc(64, 0xff)), RangeError);
});

test('the preset dictionary is the published one', () => {
  const dictionary = spdyDictionary();
  assert.equal(dictionary.length, 1423);
  // Its Adler-32 is what every compressed header block names (RFC 1950, DICTID).
  let [low, high] = [1, 0];
  for (const byte of dictionary) {
    low = (low + byte) % 65_521;
    high = (high + low) % 65_521;
  }
  assert.equal(((high << 16) | low) >>> 0, 0xe3c6a7c2);
});
