import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import { ConnectionError } from '../../core/errors.ts';
import { MIB } from '../../net/read-body.ts';
import type { Sender } from '../api/api-request.ts';
import type { Transport } from '../api/transport.ts';
import { connectionErrorFrom } from '../wire/connection-error.ts';
import { bodyText } from '../wire/send-request.ts';
import { statusErrorFrom } from '../wire/status-error.ts';

/** Newest first: v5 adds closing of stdin, which we do not use; both carry the exit code as a Status on channel 3. */
export const SERVED_PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

/** The kubelet's frames have 32 KiB; a longer one than this is not from one. */
const MAX_FRAME_BYTES = 16 * MIB;

/** Opens a websocket, paused, to the API server. A refused handshake becomes a StatusError. */
export async function openWebSocket(
  transport: Transport,
  { headers, agent }: Sender,
  url: URL,
  protocols: string[],
  signal: AbortSignal | undefined,
): Promise<WebSocket> {
  signal?.throwIfAborted();
  const { WebSocket } = await import('ws');
  const { trace } = transport;
  trace.request('GET', url, headers, undefined);
  const target = new URL(url);
  target.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(target, protocols, {
    headers: headers as Record<string, string>,
    agent,
    perMessageDeflate: false,
    followRedirects: false,
    maxPayload: MAX_FRAME_BYTES,
  });
  return await new Promise((resolve, reject) => {
    const abort = () => socket.terminate();
    signal?.addEventListener('abort', abort, { once: true });
    // Not ws' own handshakeTimeout: it begins with a connection, and behind a proxy that never answers there is none.
    const timer = setTimeout(() => {
      reject(connectionErrorFrom({ code: 'ETIMEDOUT' }, url, transport.via));
      socket.terminate();
    }, transport.connectTimeoutMs);
    const settled = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    socket.once('open', () => {
      settled();
      trace.note(6, `GET ${trace.mask.url(url)} 101, ${socket.protocol}`);
      // The first frames may already be there; they wait until the session listens.
      socket.pause();
      resolve(socket);
    });
    socket.once('unexpected-response', (_request, response) => {
      settled();
      trace.note(6, `GET ${trace.mask.url(url)} ${response.statusCode}`);
      refusal(response, url)
        .then(reject, reject)
        .finally(() => socket.terminate());
    });
    socket.on('error', (error) => {
      trace.failure('GET', url, error);
      settled();
      reject(signal?.aborted ? signal.reason : handshakeError(error, url, transport.via));
    });
  });
}

async function refusal(response: IncomingMessage, url: URL): Promise<Error> {
  const request = `GET ${url.origin}${url.pathname}`;
  const text = await bodyText(response, { url, request, signal: undefined, maxBytes: MIB });
  return statusErrorFrom({ status: response.statusCode ?? 0, text, request });
}

function handshakeError(error: Error, url: URL, via: string | undefined): ConnectionError {
  if (/subprotocol/i.test(error.message)) {
    return new ConnectionError(
      `Unable to connect to the server: exec over websocket was not agreed on: ${error.message}`,
      {
        hint: `the server must offer one of ${SERVED_PROTOCOLS.join(', ')}`,
        cause: error,
      },
    );
  }
  return connectionErrorFrom(error, url, via);
}
