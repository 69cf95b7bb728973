/** The sandbox's cloud as a server, with the faults that tests ask of it. */

import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Running } from '../../common/running.ts';
import type { Clb } from '../balancers/balancers.ts';
import { CloudFault } from '../balancers/fault.ts';
import { Accounts, type CloudCredential, newCredential } from './accounts.ts';
import { Dispatcher } from './answers/dispatch.ts';
import type { ApiAnswer } from './call.ts';
import { type ActiveFault, Faults, type Misbehaviour } from './cloud-faults.ts';
import { RateLimit } from './rate-limit.ts';

export interface CloudApiOptions {
  /** Default 127.0.0.1. */
  host?: string;
  /** Default 0: any free port. */
  port?: number;
  /** Credentials to accept; default: one random pair. */
  credentials?: readonly CloudCredential[];
  /** Requests per second and action; default 20, as in the cloud. */
  rateLimitPerSecond?: number;
  /** How far the cloud's clock is ahead of ours, milliseconds. */
  skewMs?: number;
  /** How long after its period a monitor point appears, milliseconds; default 0. */
  monitorDelayMs?: number;
}

/** One request as it was handled, for tests of what a client asks. */
export interface HandledRequest {
  action: string;
  region: string;
  params: unknown;
  /** Error code of the answer; undefined when it was a success. */
  code: string | undefined;
}

/** The cloud's API on loopback, over plain HTTP. */
export interface CloudApi extends Running {
  /** For example `http://127.0.0.1:40123`. */
  readonly url: string;
  /** The first accepted credential. */
  readonly credentials: CloudCredential;
  /** Requests per action so far, refused ones included. */
  readonly calls: Readonly<Record<string, number>>;
  /** The last 1000 requests, oldest first. */
  readonly recent: readonly HandledRequest[];
  /** Forgets `calls` and `recent`. */
  resetCalls(): void;
  /** Asks for a misbehaviour; answers how to undo it. */
  misbehave(fault: Misbehaviour): () => void;
  /** Undoes every misbehaviour. */
  behave(): void;
}

const KEPT_REQUESTS = 1000;
const HTML = '<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>';

/**
 * Serves clb 2018-03-17, monitor 2018-07-24 and sts 2018-08-13 at one address: POST / with the action in X-TC-Action.
 * Signatures are verified; errors come with HTTP 200, as the cloud sends them.
 */
export async function startCloudApi(clb: Clb, options: CloudApiOptions = {}): Promise<CloudApi> {
  const credentials = options.credentials ?? [newCredential()];
  const now = (): number => clb.now() + (options.skewMs ?? 0);
  const faults = new Faults();
  const limit = new RateLimit(options.rateLimitPerSecond ?? 20);
  const dispatcher = new Dispatcher(clb, new Accounts(credentials), limit, () => options.monitorDelayMs ?? 0);
  let calls: Record<string, number> = {};
  let recent: HandledRequest[] = [];

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readBody(request);
    const action = header(request, 'x-tc-action');
    calls[action] = (calls[action] ?? 0) + 1;
    const taken = faults.take(action);
    const note = (code?: string): void => {
      recent.push({ action, region: header(request, 'x-tc-region'), params: parseOrText(body), code });
      if (recent.length > KEPT_REQUESTS) recent = recent.slice(-KEPT_REQUESTS);
    };
    response.setHeader('Date', new Date(now()).toUTCString());
    if (breakTransport(taken, request, response)) {
      note('transport');
      return;
    }
    let answer: ApiAnswer;
    try {
      const { method = '', url: target = '', headers } = request;
      if (method !== 'POST') throw new CloudFault('UnsupportedProtocol', 'Only POST requests are supported.');
      await clb.refresh();
      answer = dispatcher.answer({ method, target, headers, body }, taken, now());
      note();
    } catch (error) {
      // An error that is no CloudFault is a fault of this program: the client gets the cloud's own word for that, with the cause.
      const code = error instanceof CloudFault ? error.code : 'InternalError';
      answer = { Error: { Code: code, Message: error instanceof Error ? error.message : String(error) } };
      note(code);
    }
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ Response: { RequestId: randomUUID(), ...answer } }));
  };

  const server = createServer((request, response) => {
    handle(request, response).catch(() => request.socket.destroy());
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });

  return {
    url: `http://${options.host ?? '127.0.0.1'}:${port}`,
    credentials: credentials[0] ?? newCredential(),
    get calls() {
      return calls;
    },
    get recent() {
      return recent;
    },
    resetCalls() {
      calls = {};
      recent = [];
    },
    misbehave(fault) {
      if (fault.kind !== 'task-fails') return faults.add(fault, now());
      clb.failNextTasks(fault.times ?? 1);
      return () => clb.failNextTasks(0);
    },
    behave() {
      faults.clear();
      clb.failNextTasks(0);
    },
    async stop() {
      server.closeAllConnections();
      if (server.listening) await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Whether a fault of the transport took the request's answer away. */
function breakTransport(faults: readonly ActiveFault[], request: IncomingMessage, response: ServerResponse): boolean {
  for (const { kind } of faults) {
    if (kind === 'timeout') return true;
    if (kind === 'reset') {
      request.socket.resetAndDestroy();
      return true;
    }
    if (kind === 'html-200' || kind === 'http-502') {
      response.writeHead(kind === 'html-200' ? 200 : 502, { 'Content-Type': 'text/html' });
      response.end(HTML);
      return true;
    }
  }
  return false;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const header = (request: IncomingMessage, name: string): string => {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
};

/** The parameters as sent, but for the web identity token; never the headers, which hold the signature and the session token. */
function parseOrText(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'), (name, value) => (name === 'WebIdentityToken' ? '***' : value));
  } catch {
    return body.toString('utf8');
  }
}
