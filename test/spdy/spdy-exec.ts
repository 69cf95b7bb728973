/**
 * exec over SPDY/3.1, as real API servers from Kubernetes 1.30 on speak to the kubelet whatever their own client speaks
 * (KEP-4006 translates at the API server). The sandbox's own API server passes WebSockets through, so that only the tests on
 * a real control plane need it. No kept package serves SPDY any more, and this much of it is small.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { constants, createInflate } from 'node:zlib';
import type { ShellResult } from '../../sandbox/kubelet/container/shell.ts';
import { type ExecStreams, type ExecUpgrade, statusOf } from '../../sandbox/kubelet/exec/exec-stream.ts';
import { spdyDictionary } from './spdy-dictionary.ts';
import { dataFrame, FrameReader, parseHeaders, startReplies } from './spdy-frames.ts';

const PROTOCOL = 'v4.channel.k8s.io';
const FRAME_BYTES = 32_768;
/** The client ends the connection when it has read everything; one that does not is cut off after this long. */
const LINGER_MS = 5_000;

const isSpdy = ({ headers }: IncomingMessage) => headers.upgrade?.toLowerCase() === 'spdy/3.1';

/** For a kubelet behind a real API server. */
export const spdyExec: ExecUpgrade = {
  isMeant: isSpdy,
  serve(request, socket, head, streams, run) {
    if (acceptsSpdy(request, socket)) serveSpdyExec(socket, head, streams, run);
  },
};

/** Answers 403 and returns false unless the client speaks the fourth version of the remote command protocol. */
function acceptsSpdy(request: IncomingMessage, socket: Duplex): boolean {
  const header = request.headers['x-stream-protocol-version'];
  const offered = String(header ?? '')
    .split(',')
    .map((each) => each.trim());
  if (offered.includes(PROTOCOL)) {
    const lines = ['Connection: Upgrade', 'Upgrade: SPDY/3.1', `X-Stream-Protocol-Version: ${PROTOCOL}`];
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
    return true;
  }
  const body = `unable to upgrade: client offers ${offered.join(', ') || 'no protocol'}, server accepts ${PROTOCOL}\n`;
  socket.end(
    `HTTP/1.1 403 Forbidden\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
  return false;
}

/** Waits for the streams that were asked for, runs the command, and sends what it said and its Status. */
function serveSpdyExec(socket: Duplex, head: Buffer, wanted: ExecStreams, run: () => Promise<ShellResult>): void {
  const reader = new FrameReader();
  const reply = startReplies();
  const inflate = startInflating();
  const streams = new Map<string, number>();
  const needed = [
    'error',
    ...(wanted.stdin ? ['stdin'] : []),
    ...(wanted.stdout ? ['stdout'] : []),
    ...(wanted.stderr ? ['stderr'] : []),
  ];
  let answered = false;

  const accept = async (streamId: number, headers: Buffer) => {
    const type = parseHeaders(await inflate(headers)).get('streamtype') ?? '';
    streams.set(type, streamId);
    socket.write(reply(streamId));
    if (answered || !needed.every((each) => streams.has(each))) return;
    answered = true;
    sendResult(socket, streams, await run());
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
  };
  // One frame after the other: the header blocks share one compression state.
  let queue = Promise.resolve();
  const read = (bytes: Buffer) => {
    try {
      for (const frame of reader.push(bytes)) {
        if (frame.kind === 'ping') socket.write(frame.bytes);
        else if (frame.kind === 'syn-stream')
          queue = queue.then(() => accept(frame.streamId, frame.headers)).catch(() => void socket.destroy());
      }
    } catch {
      socket.destroy();
    }
  };
  socket.on('data', read);
  if (head.length > 0) read(head);
}

function sendResult(socket: Duplex, streams: ReadonlyMap<string, number>, result: ShellResult): void {
  const send = (type: string, text: string) => {
    const streamId = streams.get(type);
    if (streamId === undefined) return;
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += FRAME_BYTES)
      socket.write(dataFrame(streamId, bytes.subarray(at, at + FRAME_BYTES), false));
    socket.write(dataFrame(streamId, Buffer.alloc(0), true));
  };
  send('stdout', result.stdout);
  send('stderr', result.stderr);
  send('stdin', '');
  send('error', JSON.stringify(statusOf(result.exitCode)));
}

/** Inflates one header block after another, all parts of one zlib stream. */
function startInflating(): (block: Buffer) => Promise<Buffer> {
  const inflate = createInflate({ dictionary: spdyDictionary(), finishFlush: constants.Z_SYNC_FLUSH });
  let fail: (error: Error) => void = () => {};
  inflate.on('error', (error) => fail(error));
  return (block) =>
    new Promise((resolve, reject) => {
      fail = reject;
      inflate.write(block, () => {
        const pieces: Buffer[] = [];
        for (let piece = inflate.read(); Buffer.isBuffer(piece); piece = inflate.read()) pieces.push(piece);
        resolve(Buffer.concat(pieces));
      });
    });
}
