/** A cloud endpoint on loopback whose answers a test scripts per action; it keeps every request it was sent. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  action: string;
  region: string | undefined;
  params: Record<string, unknown>;
  body: string;
  headers: IncomingMessage['headers'];
}

/** `Response` content; or an API error; or raw HTTP; or what a broken network does. */
export type Reply =
  | Record<string, unknown>
  | { error: string; message?: string }
  | { status: number; text: string; contentType?: string }
  | 'hang'
  | 'reset';

export type Script = Record<string, (request: Received, nth: number) => Reply>;

export class FakeCloud {
  readonly received: Received[] = [];
  script: Script;
  #server = createServer((request, response) => void this.#answer(request, response));

  constructor(script: Script = {}) {
    this.script = script;
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  count(action: string): number {
    return this.received.filter((request) => request.action === action).length;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const action = String(request.headers['x-tc-action'] ?? request.url);
    const received: Received = {
      action,
      region: request.headers['x-tc-region'] as string | undefined,
      params: body === '' ? {} : (JSON.parse(body) as Record<string, unknown>),
      body,
      headers: request.headers,
    };
    this.received.push(received);
    const nth = this.count(action);
    const reply = this.script[action]?.(received, nth) ?? {
      error: 'InvalidAction',
      message: `no script for ${action}`,
    };
    if (reply === 'hang') return;
    if (reply === 'reset') {
      request.socket.destroy();
      return;
    }
    if ('status' in reply && typeof reply['text'] === 'string') {
      response.writeHead(reply['status'] as number, {
        'content-type': (reply['contentType'] as string) ?? 'text/html',
      });
      response.end(reply['text']);
      return;
    }
    const requestId = `request-${this.received.length}`;
    const content =
      'error' in reply && typeof reply['error'] === 'string'
        ? { Error: { Code: reply['error'], Message: reply['message'] ?? 'as scripted' }, RequestId: requestId }
        : { ...reply, RequestId: requestId };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ Response: content }));
  }
}
