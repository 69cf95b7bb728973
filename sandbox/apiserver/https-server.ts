/** The HTTPS listener: ordinary requests, upgraded connections, and an end that waits for neither. */
import { type IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Upgrade } from './api-exchange.ts';
import { answerBeforeStrayBytes } from './http/stray-bytes.ts';
import type { KeyPair } from './pki/certificate.ts';

/** Longer than clients keep idle connections, so that no request meets a connection that is just being closed. */
const KEEP_ALIVE_MS = 180_000;

export interface HttpsListener {
  /** HOST:PORT, the host in brackets when it is IPv6. */
  address: string;
  /** From now on `answer` gets every request; it must not throw. */
  serve(answer: (request: IncomingMessage, response: ServerResponse, upgrade?: Upgrade) => Promise<void>): void;
  /** Ends every connection at once. */
  close(): Promise<void>;
}

/** Listens with a serving certificate; client certificates of `clientAuthority` are asked for, not required. */
export async function listenHttps(
  place: { host: string; port: number },
  certificate: KeyPair,
  clientAuthority: string,
): Promise<HttpsListener> {
  const server = createServer({
    ...certificate,
    ca: clientAuthority,
    requestCert: true,
    // A client without a certificate may still have a token; who has neither gets 401.
    rejectUnauthorized: false,
    keepAliveTimeout: KEEP_ALIVE_MS,
  });
  const upgraded = new Set<Duplex>();
  return {
    address: await listen(server, place),
    serve: (answer) => {
      answerBeforeStrayBytes(server);
      server.on('request', (request, response) => {
        answer(request, response).catch(() => response.destroy());
      });
      server.on('upgrade', (request: IncomingMessage, socket, head) => {
        upgraded.add(socket);
        socket.once('close', () => upgraded.delete(socket));
        socket.on('error', () => socket.destroy());
        const response = responseOn(request);
        answer(request, response, { socket, head }).catch(() => response.destroy());
      });
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        for (const socket of upgraded) socket.destroy();
      }),
  };
}

/** A request that is not upgraded after all is answered like any other, on a connection that then ends. */
function responseOn(request: IncomingMessage): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(request.socket);
  response.once('finish', () => request.socket.end());
  return response;
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const { address, family, port: actual } = server.address() as AddressInfo;
      resolve(family === 'IPv6' ? `[${address}]:${actual}` : `${address}:${actual}`);
    });
  });
}
