import type { RawData, WebSocket } from 'ws';
import { ConnectionError } from '../../core/errors.ts';
import { field, list } from '../../core/values/read.ts';
import { MIB } from '../../net/read-body.ts';
import type { ExecResult } from '../../ports.ts';
import { firstWords } from '../wire/foreign-answer.ts';
import { statusErrorOf } from '../wire/status-error.ts';

/** Output beyond this is refused rather than cut: half a socket table would read as fewer connections. */
const MAX_OUTPUT_BYTES = 16 * MIB;
/** Of output that is read as it comes: room for a table of six million sockets. */
const MAX_STREAMED_BYTES = 1024 * MIB;

/** Silence after which an exec is taken for dead; what is run in pods reads a few files, and ends within a second. */
const SILENCE_MS = 30_000;

const CHANNEL = { stdout: 1, stderr: 2, status: 3 } as const;

/** Collects one exec's channels until the server reports the command's end (remotecommand protocol v4 and v5). */
export class ExecSession {
  readonly #socket: WebSocket;
  readonly #url: URL;
  readonly #chunks: Record<1 | 2 | 3, Buffer[]> = { 1: [], 2: [], 3: [] };
  readonly #silenceMs: number;
  readonly #onStdout: ((text: string) => void) | undefined;
  readonly #decoder = new TextDecoder();
  #bytes = 0;
  #streamed = 0;

  /** `onStdout` takes stdout as it comes, which is then not kept. */
  constructor(
    socket: WebSocket,
    url: URL,
    options: { silenceMs?: number | undefined; onStdout?: ((text: string) => void) | undefined } = {},
  ) {
    this.#socket = socket;
    this.#url = url;
    this.#silenceMs = options.silenceMs ?? SILENCE_MS;
    this.#onStdout = options.onStdout;
  }

  /** Resolves when the exit is known. Throws when the socket closes without it, on silence, on too much output, or with the signal's reason. */
  async finished(signal: AbortSignal | undefined): Promise<ExecResult> {
    const abort = () => this.#socket.terminate();
    signal?.addEventListener('abort', abort, { once: true });
    try {
      await this.#closed();
      const status = this.#text(CHANNEL.status);
      if (status === '') throw this.#broken('the connection closed before the command reported its end');
      const exitCode = parseExit(status);
      if (exitCode === undefined)
        throw this.#broken(`the command's end was not reported by a Status: ${firstWords(status)}`);
      return { stdout: this.#text(CHANNEL.stdout), stderr: this.#text(CHANNEL.stderr), exitCode };
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#socket.terminate();
    }
  }

  async #closed(): Promise<void> {
    let silence: NodeJS.Timeout | undefined;
    const ended = new Promise<void>((resolve, reject) => {
      silence = setTimeout(() => reject(this.#broken(`silent for ${this.#silenceMs / 1000}s`)), this.#silenceMs);
      this.#socket.on('message', (data) => {
        silence?.refresh();
        try {
          if (this.#take(data)) resolve();
        } catch (error) {
          reject(error);
        }
      });
      this.#socket.once('close', () => resolve());
      this.#socket.once('error', (error) => reject(this.#broken(error.message)));
      this.#socket.resume();
    });
    await ended.finally(() => clearTimeout(silence));
  }

  /** True once the status has come: it is the last thing the server sends. */
  #take(data: RawData): boolean {
    const frame = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer);
    const channel = frame[0];
    if (channel !== CHANNEL.stdout && channel !== CHANNEL.stderr && channel !== CHANNEL.status) return false;
    // A first, empty frame on each channel only says that it is open.
    if (frame.length === 1) return false;
    if (channel === CHANNEL.stdout && this.#onStdout !== undefined) {
      this.#streamed += frame.length - 1;
      if (this.#streamed > MAX_STREAMED_BYTES)
        throw this.#broken(`the command's output is larger than ${MAX_STREAMED_BYTES / MIB} MiB`);
      this.#onStdout(this.#decoder.decode(frame.subarray(1), { stream: true }));
      return false;
    }
    this.#bytes += frame.length - 1;
    if (this.#bytes > MAX_OUTPUT_BYTES) {
      throw this.#broken(`the command's output is larger than ${MAX_OUTPUT_BYTES / MIB} MiB`);
    }
    this.#chunks[channel].push(frame.subarray(1));
    return channel === CHANNEL.status && isWholeJson(this.#text(CHANNEL.status));
  }

  #text(channel: 1 | 2 | 3): string {
    return Buffer.concat(this.#chunks[channel]).toString('utf8');
  }

  #broken(why: string): ConnectionError {
    return new ConnectionError(
      `Unable to connect to the server: exec at ${this.#url.host}${this.#url.pathname}: ${why}`,
      { retryable: true },
    );
  }
}

function isWholeJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * The command's exit code out of the closing Status; a Failure for any other reason is thrown (Kubernetes: NonZeroExitCode).
 * Undefined for a text that is no Status.
 */
function parseExit(text: string): number | undefined {
  const status = statusIn(text);
  if (status === undefined) return undefined;
  if (status['status'] === 'Success') return 0;
  if (status['reason'] === 'NonZeroExitCode') {
    const cause = list(status, 'details', 'causes').find((each) => field(each, 'reason') === 'ExitCode');
    const exitCode = field(cause, 'message');
    if (typeof exitCode === 'string' && /^\d{1,10}$/.test(exitCode)) return Number(exitCode);
  }
  if (status['status'] !== 'Failure') return undefined;
  const code = status['code'];
  throw statusErrorOf(status, typeof code === 'number' ? code : 500);
}

function statusIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
