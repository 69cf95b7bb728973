/** HTTP/2 without TLS on a pod's port: taken over from a connection that begins with its preface (RFC 9113, section 3.4). */
import { createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';

const PREFACE = Buffer.from('PRI * HTTP/2.0');

export const isHttp2 = (bytes: Buffer): boolean => bytes.subarray(0, PREFACE.length).equals(PREFACE);

export interface Http2Side {
  /** Serves the connection from its first bytes on. Returns how to stop it gracefully: GOAWAY, and what is open finishes. */
  serve(socket: Socket, bytes: Buffer): { goAway(): void };
}

/** Every request is answered with 200 and `body`, after `?ms=` of the path if it asks for that. */
export function http2Side(body: string, headers: Readonly<Record<string, string>>): Http2Side {
  let server: Http2Server | undefined;
  const start = (): Http2Server => {
    const started = createServer();
    started.on('stream', (stream: ServerHttp2Stream, request) => {
      const ms = Number(/[?&]ms=(\d+)/.exec(request[':path'] ?? '')?.[1] ?? 0);
      stream.on('error', () => undefined);
      const timer = setTimeout(() => {
        if (stream.destroyed) return;
        stream.respond({ ':status': 200, 'content-length': Buffer.byteLength(body), ...headers });
        stream.end(body);
      }, ms);
      stream.on('close', () => clearTimeout(timer));
    });
    started.on('sessionError', () => undefined);
    return started;
  };
  return {
    serve(socket, bytes) {
      server ??= start();
      let session: ServerHttp2Session | undefined;
      server.once('session', (opened) => {
        session = opened;
        opened.on('error', () => undefined);
      });
      // Node's session reads what is buffered before it takes the socket over; it must not flow away meanwhile.
      socket.removeAllListeners('data');
      socket.pause();
      socket.unshift(bytes);
      server.emit('connection', socket);
      return { goAway: () => session?.close() };
    },
  };
}
