/**
 * Bytes after a request that are no request: mostly the body of a DELETE that its client did not frame. The real server
 * answers the request first and then refuses the bytes; Node alone would refuse both.
 */
import type { ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import type { Duplex } from 'node:stream';

const REFUSAL =
  'HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request';

/** Makes `server` finish the answer it owes before it refuses what follows and closes the connection. */
export function answerBeforeStrayBytes(server: Server): void {
  const owed = new WeakMap<Duplex, ServerResponse>();
  server.on('request', (request, response) => owed.set(request.socket, response));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const response = owed.get(socket);
    const refuse = (): void => {
      if (socket.writable) socket.end(REFUSAL);
    };
    if (response === undefined || response.writableFinished) refuse();
    else response.once('finish', refuse);
  });
}
