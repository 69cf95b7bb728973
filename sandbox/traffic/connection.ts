/**
 * One client connection and its fate.
 *
 * It stands on node:net rather than on http.request: an agent retries, reuses and hides the very ends that
 * are to be counted (a RST on an idle socket never surfaces as anything but a silent reconnect), and at hundreds
 * of connections a second the http client costs several times the work of one write and one small parse.
 */
import { connect, type Socket } from 'node:net';
import { AnswerReader, type TrafficAnswer } from './answer-reader.ts';
import type { ConnectionEnd } from './report.ts';

export interface ConnectionOptions {
  host: string;
  port: number;
  /** No progress for this long while connecting or awaiting an answer is the fate `timeout`. */
  idleTimeoutMs: number;
  now: () => number;
  /** The connection stands; time to `send`. */
  onConnect(connection: Connection): void;
  /** An answer has arrived whole. */
  onAnswer(connection: Connection, answer: TrafficAnswer): void;
  /** Called exactly once, last. */
  onSettled(end: ConnectionEnd): void;
}

/** Errors of connect() that say the generator's own host ran out of something; they tell nothing about the peer. */
const OWN_ERRORS = new Set([
  'EADDRNOTAVAIL',
  'EADDRINUSE',
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'EACCES',
  'EPERM',
  'EAGAIN',
]);

/** The outcome that a socket error means for a connection that was still needed. */
export function fateOfError(code: string, connected: boolean): Exclude<ConnectionEnd['fate'], 'completed'> {
  if (code === 'ETIMEDOUT') return 'timeout';
  if (connected || code === 'ECONNRESET') return 'reset';
  return OWN_ERRORS.has(code) ? 'own-error' : 'refused';
}

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #socket: Socket;
  readonly #reader = new AnswerReader();
  readonly #openedAtMs: number;
  #connected = false;
  #awaiting = false;
  #last = false;
  /** The next end of the connection is the agreed one. */
  #concluded = false;
  #settled = false;
  #pod: string | undefined;
  #localPort = 0;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#openedAtMs = options.now();
    this.#socket = connect({ host: options.host, port: options.port, noDelay: true });
    this.#socket.setTimeout(options.idleTimeoutMs);
    this.#socket.on('connect', () => {
      this.#connected = true;
      this.#localPort = this.#socket.localPort ?? 0;
      options.onConnect(this);
    });
    this.#socket.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#socket.on('end', () => this.#settle(this.#concluded ? 'completed' : 'cut', 'FIN'));
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.#failed(error.code ?? error.message));
    this.#socket.on('timeout', () => this.#timedOut());
    this.#socket.on('close', () => this.#settle(this.#concluded ? 'completed' : 'cut', 'closed'));
  }

  /** Whether the next end of the connection is a proper one. */
  get concluded(): boolean {
    return this.#concluded;
  }

  /** Writes one request whose answer is then awaited; `last` says that it asked for the close. */
  send(request: string, last: boolean): void {
    this.#awaiting = true;
    this.#last = last;
    this.#reader.reset();
    this.#socket.write(request, 'latin1');
  }

  /** Ends the connection from this side, between two answers: a proper end. While connecting or in the middle of an answer it does nothing. */
  finish(): void {
    if (!this.#connected || this.#awaiting) return;
    this.#concluded = true;
    this.#socket.destroySoon();
    this.#settle('completed', 'finished');
  }

  /** Gives up on it, whatever it is doing. */
  abandon(): void {
    this.#settle(this.#concluded ? 'completed' : 'timeout', 'abandoned');
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    if (this.#settled) return;
    const result = this.#awaiting ? this.#reader.push(chunk) : 'malformed';
    const answer = this.#reader.answer;
    this.#pod ??= answer?.pod;
    if (result === 'malformed') {
      this.#settle('cut', 'malformed answer');
      this.#socket.destroy();
    } else if (result === 'complete' && answer !== undefined) {
      this.#awaiting = false;
      this.#concluded = answer.closes || this.#last;
      this.#options.onAnswer(this, answer);
    }
  }

  #timedOut(): void {
    // An idle keep-alive connection may rest; a concluded one whose server forgot to close is closed from here.
    if (this.#connected && !this.#awaiting && !this.#concluded) return;
    this.#settle(this.#concluded ? 'completed' : 'timeout', 'no progress');
    this.#socket.destroy();
  }

  #failed(code: string): void {
    this.#settle(this.#concluded ? 'completed' : fateOfError(code, this.#connected), code);
  }

  #settle(fate: ConnectionEnd['fate'], cause: string): void {
    if (this.#settled) return;
    this.#settled = true;
    const atMs = this.#options.now();
    this.#options.onSettled({
      fate,
      cause,
      atMs,
      afterMs: atMs - this.#openedAtMs,
      localPort: this.#localPort,
      bytes: this.#socket.bytesRead,
      pod: this.#pod,
    });
  }
}
