import type { Agent, IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { ConnectionError } from '../../core/errors.ts';
import { MIB } from '../../net/read-body.ts';
import { reasonNaming, SlowAnswers } from '../../net/slow-answer.ts';
import type { Credentials, Identity } from '../auth/credentials.ts';
import { refuseUnsendable } from '../wire/header-text.ts';
import type { HttpTrace } from '../wire/http-trace.ts';
import { bodyText, exchange, STALE_CONNECTION, type WireExchange } from '../wire/send-request.ts';
import { statusErrorFrom } from '../wire/status-error.ts';
import { type ApiRequest, countSending, NotSent, type Sender, type SentAgain } from './api-request.ts';
import { clockAhead } from './clock-ahead.ts';
import { MAX_RETRIES, retryAfterMs } from './kube-retry.ts';
import { Patience } from './patience.ts';
import { boundBy } from './request-bound.ts';

/** The server itself answers ordinary requests within 60 s; a longer silence means that the connection is dead. */
const IDLE_TIMEOUT_MS = 90_000;

/** An object in etcd has 1.5 MiB at most, and what the API server adds does not double it. */
const OBJECT_BYTES = 16 * MIB;
/** A Status, or the page of something in between. */
const FAILURE_BYTES = MIB;

/** Shorter waits that the server asks for are not worth a line. */
const TOLD_WAIT_MS = 5_000;

export interface TransportOptions {
  /** Base URL; its path is a prefix of every request's. */
  server: URL;
  credentials: Credentials;
  /** The connections to use with this identity; called again when an identity brings another client certificate. */
  agentFor: (identity: Identity) => Promise<Agent>;
  /** Sent with every request: User-Agent, Impersonate-*. */
  headers: OutgoingHttpHeaders;
  compression: boolean;
  /** The proxy that agentFor goes through, for error messages; without its password. */
  via: string | undefined;
  /** Bounds everything up to a connection that can be used. */
  connectTimeoutMs: number;
  /** 0 = no limit. */
  requestTimeoutMs: number;
  trace: HttpTrace;
  /** Takes the Warning header of every answer. */
  warnings: (header: string | undefined) => void;
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  now: () => number;
  /** 0 up to 1. */
  random: () => number;
  /** How long a request is tried again while the server does not answer, unless --request-timeout says it; 0 = not at all. */
  patienceMs: number;
  /** Takes the line about a server that does not answer. */
  tell: (line: string) => void;
  /** Sends one request and brings the head of its answer; default: over HTTP. */
  send?: typeof exchange;
}

/** Sends requests to one API server: authentication, retries, warnings and traces. Fails with StatusError or ConnectionError. */
export class Transport {
  readonly #options: TransportOptions;
  readonly #patience: Patience;
  readonly #slow: SlowAnswers;
  #clockAheadMs: number | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#slow = new SlowAnswers(options.tell);
    const { requestTimeoutMs, patienceMs } = options;
    this.#patience = new Patience({
      ...options,
      host: options.server.host,
      patienceMs: patienceMs > 0 && requestTimeoutMs > 0 ? requestTimeoutMs : patienceMs,
    });
  }

  /** The whole answer as text. --request-timeout bounds it, with all that is tried again. */
  async text(request: ApiRequest): Promise<string> {
    const { requestTimeoutMs, trace } = this.#options;
    const url = this.urlOf(request.path);
    const bound = boundBy(requestTimeoutMs, request, url);
    try {
      const bounded = countSending({ ...request, signal: bound.signal });
      return await this.#persist(bounded, async () => {
        const { body } = await this.#open(bounded, url);
        const text = await this.#read(body, bounded, url, request.maxBytes ?? OBJECT_BYTES);
        trace.body('Response Body', text);
        return text;
      });
    } catch (error) {
      if (request.signal?.aborted) throw reasonNaming(this.#named(request, url), request.signal);
      throw error instanceof NotSent ? error.cause : error;
    } finally {
      bound.release();
    }
  }

  /** A streaming answer; --request-timeout bounds it up to its head only. */
  async stream(request: ApiRequest): Promise<Readable> {
    const url = this.urlOf(request.path);
    const bound = boundBy(this.#options.requestTimeoutMs, request, url);
    const bounded = countSending({ ...request, signal: bound.signal });
    try {
      return await this.#persist(bounded, async () => (await this.#open(bounded, url)).body);
    } catch (error) {
      if (request.signal?.aborted) throw reasonNaming(this.#named(request, url), request.signal);
      throw error instanceof NotSent ? error.cause : error;
    } finally {
      bound.release();
    }
  }

  async #persist<T>(request: SentAgain, attempt: () => Promise<T>): Promise<T> {
    const { persists = true, repeatable = request.method === 'GET', signal } = request;
    return persists ? await this.#patience.persist({ repeatable, signal }, attempt) : await attempt();
  }

  urlOf(path: string): URL {
    const { server } = this.#options;
    return new URL(`${server.origin}${server.pathname === '/' ? '' : server.pathname}${path}`);
  }

  /** After a 401 on a request made elsewhere: true when asking again with fresh credentials may help. */
  renewCredentials(refused: Identity): boolean {
    return this.#options.credentials.renew(refused);
  }

  get connectTimeoutMs(): number {
    return this.#options.connectTimeoutMs;
  }

  /** For error messages about connections made elsewhere. */
  get via(): string | undefined {
    return this.#options.via;
  }

  get trace(): HttpTrace {
    return this.#options.trace;
  }

  /** By the newest answer that had a Date header; undefined before the first. */
  get clockAheadMs(): number | undefined {
    return this.#clockAheadMs;
  }

  /** Headers and agent for a request made elsewhere (the websocket of exec), authenticated like all others. */
  async authenticate(signal?: AbortSignal): Promise<Sender> {
    const { credentials, agentFor, headers, trace } = this.#options;
    const identity = await this.#slow.watch(
      'the credential plugin, or the identity provider, has not answered',
      credentials.current(signal),
    );
    trace.mask.learn(identity.authorization);
    const authorization = identity.authorization === undefined ? {} : { Authorization: identity.authorization };
    const all = { ...headers, ...authorization };
    refuseUnsendable(all);
    return { headers: all, agent: await agentFor(identity), identity };
  }

  /** The first good answer; others are repeated when that is safe, or thrown as StatusError. */
  async #open(request: SentAgain, url: URL): Promise<WireExchange> {
    const { credentials, trace } = this.#options;
    let renewed = false;
    for (let attempt = 0; ; attempt += 1) {
      const access = await this.authenticate(request.signal);
      // After the credentials: a plugin may have taken its time for them.
      await request.beforeSend?.();
      const answer = await this.#attempt(request, url, access).catch(async (error: unknown) => {
        if (!isStaleRead(error, request) || attempt >= MAX_RETRIES) throw error;
        return undefined;
      });
      if (answer === undefined) continue;
      if (answer.status >= 200 && answer.status < 300) return answer;
      const text = await this.#read(answer.body, request, url, FAILURE_BYTES);
      trace.body('Response Body', text);
      if (answer.status === 401 && !renewed && credentials.renew(access.identity)) {
        renewed = true;
        continue;
      }
      const waitMs = request.waitsOut === false ? undefined : retryAfterMs(answer.status, answer.headers);
      if (waitMs === undefined || attempt >= MAX_RETRIES) {
        const { status, headers } = answer;
        const asked = `${request.method} ${trace.mask.url(url)}`;
        throw statusErrorFrom({ status, text, request: asked, location: headers.location });
      }
      trace.note(1, `${answer.status} from the server: waiting ${waitMs / 1000}s, then attempt ${attempt + 2}`);
      if (waitMs >= TOLD_WAIT_MS) {
        this.#options.tell(
          `API server at ${url.host} asks to come back in ${waitMs / 1000}s (${answer.status}); waiting`,
        );
      }
      await this.#pause(waitMs, request.signal);
    }
  }

  async #read(body: Readable, request: SentAgain, url: URL, maxBytes: number): Promise<string> {
    const named = this.#named(request, url);
    const text = bodyText(body, { url, request: named, signal: request.signal, maxBytes });
    return await this.#slow.watch(`${named} has not been answered`, text);
  }

  /** A request for people: without its query, which is long and says little. */
  #named({ method }: Pick<ApiRequest, 'method'>, url: URL): string {
    return `${method} ${url.origin}${url.pathname}`;
  }

  async #pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
    try {
      await this.#options.sleep(ms, signal);
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  }

  async #attempt(request: SentAgain, url: URL, { headers: common, agent }: Sender): Promise<WireExchange> {
    const { compression, trace, warnings, now, send = exchange } = this.#options;
    const body = request.body === undefined ? undefined : Buffer.from(request.body);
    const headers: OutgoingHttpHeaders = {
      Accept: request.accept ?? 'application/json',
      ...(compression && { 'Accept-Encoding': 'gzip' }),
      ...(body && { 'Content-Type': request.contentType ?? 'application/json' }),
      ...common,
    };
    const { method, signal, idleTimeoutMs = IDLE_TIMEOUT_MS } = request;
    trace.request(method, url, headers, body);
    const beganMs = now();
    try {
      const { via } = this.#options;
      const asked = send({
        ...{ url, method, headers, body, agent, signal, idleTimeoutMs, via },
        connectTimeoutMs: this.connectTimeoutMs,
      });
      const answer = await this.#slow.watch(`${this.#named(request, url)} has not been answered`, asked);
      trace.answer(method, url, { status: answer.status, headers: answer.headers, elapsedMs: now() - beganMs });
      this.#clockAheadMs = clockAhead(answer.headers.date, beganMs, now()) ?? this.#clockAheadMs;
      warnings((answer.headers as IncomingHttpHeaders & { warning?: string }).warning);
      return answer;
    } catch (error) {
      trace.failure(method, url, error);
      throw error;
    }
  }
}

/** The server may just have closed an idle connection: a read is sent once more at once (Go net/http does the same). */
function isStaleRead(error: unknown, { method }: SentAgain): boolean {
  return method === 'GET' && error instanceof ConnectionError && STALE_CONNECTION in error;
}
