/** One connection to a rehearsal pod: answers its requests in order, and knows whether it is idle. */
import type { Socket } from 'node:net';
import { type SocketRow, TcpState } from '../container/proc-net.ts';
import { type Http2Side, isHttp2 } from './http2-side.ts';
import { type Answers, chunk, LAST_CHUNK } from './pod-answers.ts';
import { MalformedRequest, type PodRequest, RequestReader } from './request-reader.ts';

/** The parts of the server that a connection needs. */
export interface Site {
  answers: Answers;
  /** Whether /readyz says 200. */
  ready(): boolean;
  /** Whether the container was asked to stop gracefully: every answer is then the last on its connection. */
  draining(): boolean;
  /** Whether every answer of the program is an error: a bug that no probe sees. */
  broken(): boolean;
  /** Prometheus text; `asking` is left out of the counts. */
  metrics(asking: PodConnection): string;
  http2: Http2Side;
  log(line: string): void;
}

const STREAM_TICK_MS = 100;
const LONGEST_STREAM_MS = 3_600_000;
/** A peer that does not close after our FIN is cut off after this long. */
const LINGER_MS = 2_000;
/** A reader this slow gets no more chunks until it has caught up. */
const MOST_UNSENT_BYTES = 65_536;

/**
 * The load balancer's health probes reset the handshake before it is complete, so that a kernel never shows them as
 * established. Rehearsal probes are whole connections; one that has said nothing for this long is taken for such a probe.
 */
const PROBE_MS = 150;

let lastInode = 100_000;

export class PodConnection {
  readonly port: number;
  readonly inode: number;
  readonly #socket: Socket;
  readonly #site: Site;
  readonly #reader = new RequestReader();
  readonly #waiting: PodRequest[] = [];
  readonly #peer: string;
  readonly #openedAtMs = performance.now();
  #busy = false;
  #answered = 0;
  #stream: NodeJS.Timeout | undefined;
  /** Set once the peer has turned out to speak HTTP/2. */
  #http2: { goAway(): void } | undefined;

  constructor(socket: Socket, port: number, site: Site) {
    lastInode += 1;
    this.inode = lastInode;
    this.port = port;
    this.#socket = socket;
    this.#site = site;
    this.#peer = socket.remoteAddress ?? '-';
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => clearInterval(this.#stream));
  }

  /** Established and not yet ended from this side. */
  get open(): boolean {
    return !this.#socket.destroyed && !this.#socket.writableEnded;
  }

  /** Closes it now if it idles between requests; otherwise its current answer will be the last. One that has not asked yet may still ask. */
  drain(): void {
    if (this.#http2 !== undefined) this.#http2.goAway();
    else if (!this.#busy && this.#answered > 0) this.#end();
  }

  /** Cuts it with a RST. */
  reset(): void {
    // After our FIN libuv refuses to reset (EINVAL) and would leave the descriptor open.
    if (this.#socket.writableEnded) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }

  /** Its row in /proc/net/tcp, or undefined when the kernel would not show it any more. */
  row(localAddress: string): SocketRow | undefined {
    const { remoteAddress, remotePort, readableEnded, writableEnded, destroyed } = this.#socket;
    if (destroyed || remoteAddress === undefined || remotePort === undefined) return undefined;
    if (readableEnded && writableEnded) return undefined;
    const silent = this.#socket.bytesRead === 0 && performance.now() - this.#openedAtMs < PROBE_MS;
    if (silent)
      return {
        state: TcpState.synReceived,
        localAddress,
        localPort: this.port,
        remoteAddress,
        remotePort,
        inode: this.inode,
      };
    const state = writableEnded ? TcpState.finWait2 : readableEnded ? TcpState.closeWait : TcpState.established;
    return { state, localAddress, localPort: this.port, remoteAddress, remotePort, inode: this.inode };
  }

  #read(bytes: Buffer): void {
    if (!this.open) return;
    if (this.#socket.bytesRead === bytes.length && isHttp2(bytes)) {
      this.#http2 = this.#site.http2.serve(this.#socket, bytes);
      return;
    }
    try {
      this.#waiting.push(...this.#reader.push(bytes));
    } catch (error) {
      if (!(error instanceof MalformedRequest)) throw error;
      this.#end(this.#site.answers.whole(400, `${error.message}\n`, true));
      return;
    }
    this.#answerNext();
  }

  #answerNext(): void {
    if (this.#busy || !this.open) return;
    const request = this.#waiting.shift();
    if (request === undefined) {
      if (this.#site.draining()) this.drain();
      return;
    }
    this.#busy = true;
    const { answers } = this.#site;
    const closes = request.closes || this.#site.draining();
    if (request.path === '/stream' || request.path === '/session') this.#answerStream(request);
    else if (request.path === '/sleep') this.#answerLate(request);
    else if (request.path === '/metrics')
      this.#finish(request, 200, answers.whole(200, this.#site.metrics(this), closes), closes);
    else if (request.path === '/healthz') this.#finish(request, 200, answers.whole(200, 'ok\n', closes), closes);
    else if (request.path === '/readyz') {
      const status = this.#site.ready() ? 200 : 503;
      this.#finish(request, status, answers.whole(status, status === 200 ? 'ok\n' : 'not ready\n', closes), closes);
    } else if (this.#site.broken()) this.#finish(request, 500, answers.whole(500, 'error\n', closes), closes);
    else this.#finish(request, 200, answers.root(closes), closes);
  }

  /** The whole answer after `ms`: a slow request. */
  #answerLate(request: PodRequest): void {
    const asked = Math.min(LONGEST_STREAM_MS, Math.max(0, Number(request.query.get('ms') ?? 0) || 0));
    const answer = () => {
      const closes = request.closes || this.#site.draining();
      if (!this.#socket.destroyed) this.#finish(request, 200, this.#site.answers.root(closes), closes);
    };
    const timer = setTimeout(answer, asked);
    this.#socket.once('close', () => clearTimeout(timer));
  }

  #answerStream(request: PodRequest): void {
    const asked = Number(request.query.get('ms') ?? 1_000);
    if (!(asked >= 0 && asked <= LONGEST_STREAM_MS)) {
      this.#finish(request, 400, this.#site.answers.whole(400, `ms must be 0 to ${LONGEST_STREAM_MS}\n`, true), true);
      return;
    }
    const ticks = Math.ceil(asked / STREAM_TICK_MS);
    let tick = 0;
    this.#socket.write(this.#site.answers.chunkedHead(request.closes || this.#site.draining()));
    const step = () => {
      tick += 1;
      // A session is asked to move once its server is on its way out; whether it does is the client's affair.
      const word = request.path === '/session' && this.#site.draining() ? 'move' : 'tick';
      if (this.#socket.writableLength < MOST_UNSENT_BYTES) this.#socket.write(chunk(`${word} ${tick}\n`));
      if (tick < ticks) return;
      clearInterval(this.#stream);
      this.#finish(request, 200, LAST_CHUNK, request.closes || this.#site.draining());
    };
    if (ticks === 0) step();
    else this.#stream = setInterval(step, STREAM_TICK_MS);
  }

  #finish(request: PodRequest, status: number, bytes: Buffer, closes: boolean): void {
    this.#busy = false;
    this.#answered += 1;
    this.#site.log(`${this.#peer} "${request.method} ${request.target}" ${status}`);
    // A HEAD is answered by the head alone (RFC 9110, section 9.3.2).
    const sent = request.method === 'HEAD' ? bytes.subarray(0, bytes.indexOf('\r\n\r\n') + 4) : bytes;
    if (closes) {
      this.#end(sent);
      return;
    }
    this.#socket.write(sent);
    this.#answerNext();
  }

  #end(bytes?: Buffer): void {
    this.#socket.setTimeout(LINGER_MS, () => this.#socket.destroy());
    if (bytes === undefined) this.#socket.end();
    else this.#socket.end(bytes);
  }
}
