/** A client of HTTP/2, as gRPC's: one connection for many requests, left when the server says GOAWAY. */
import { type ClientHttp2Session, connect } from 'node:http2';
import type { TryOutcome } from './try-outcome.ts';

export class Http2Client {
  readonly #origin: string;
  readonly #path: string;
  #session: ClientHttp2Session | undefined;

  constructor({ host, port }: { host: string; port: number }, path: string) {
    this.#origin = `http://${host}:${port}`;
    this.#path = path;
  }

  async request(): Promise<TryOutcome> {
    const known = this.#session;
    const session = known === undefined || known.closed || known.destroyed ? this.#connect() : known;
    return new Promise((resolve) => {
      let answered = false;
      const stream = session.request({ ':path': this.#path });
      stream.on('response', (headers) => {
        answered = true;
        stream.resume();
        stream.on('end', () => resolve({ status: Number(headers[':status'] ?? 0) }));
      });
      stream.on('error', (error: NodeJS.ErrnoException) =>
        resolve({ failure: `cut (${error.code ?? error.message})`, answered }),
      );
      // A stream that ends without an answer or an error went with its connection.
      stream.on('close', () => resolve({ failure: 'cut (the connection ended)', answered }));
      stream.end();
    });
  }

  close(): void {
    this.#session?.close();
  }

  #connect(): ClientHttp2Session {
    const session = connect(this.#origin);
    const leave = (): void => {
      if (this.#session === session) this.#session = undefined;
    };
    session.on('error', leave);
    session.on('close', leave);
    // Requests that are open on it may finish; the next request has a connection of its own.
    session.on('goaway', leave);
    this.#session = session;
    return session;
  }
}
