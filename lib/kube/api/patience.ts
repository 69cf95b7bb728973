/** A server that restarts is away for seconds: requests that may be repeated are repeated until it is back. */

import { ConnectionError } from '../../core/errors.ts';
import { lines } from '../../core/values/command.ts';
import { type Trouble, troubleOf } from './trouble.ts';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;

export interface PatienceOptions {
  /** `10.0.0.1:6443`, for people. */
  host: string;
  /** How long one request is tried again; 0 = not at all. */
  patienceMs: number;
  now: () => number;
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** 0 up to 1. */
  random: () => number;
  /** Reported once per outage. */
  tell: (line: string) => void;
}

/** Set on the error of a request that was sent again although the first may have been taken. */
export const RESENT = Symbol('sent again');

/** Requests that may be tried again. */
export interface Trial {
  /** Sending it twice does what sending it once does: a read, or a write with a precondition. */
  repeatable: boolean;
  signal: AbortSignal | undefined;
}

/** Tries requests again while the server does not answer, with growing pauses, until each one's own deadline. */
export class Patience {
  readonly #options: PatienceOptions;
  /** The end of the wait for the outage that was reported; 0: there is none. */
  #toldUntilMs = 0;

  constructor(options: PatienceOptions) {
    this.#options = options;
  }

  /**
   * The first attempt that the server answers. Throws what it answers, what cannot pass by itself, and the last failure
   * once the time is over. A request that may have been taken already is sent again only when it is repeatable.
   */
  async persist<T>({ repeatable, signal }: Trial, attempt: () => Promise<T>): Promise<T> {
    const { patienceMs, now, sleep, random } = this.#options;
    const deadlineMs = now() + patienceMs;
    let resent = false;
    for (let pauses = 0; ; pauses += 1) {
      try {
        const answer = await attempt();
        this.#toldUntilMs = 0;
        return answer;
      } catch (error) {
        signal?.throwIfAborted();
        const trouble = troubleOf(error);
        if (trouble === undefined) throw marked(error, resent);
        if (patienceMs === 0 || !(trouble.unsent || repeatable)) throw error;
        const longestMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** pauses);
        const pauseMs = longestMs * (0.5 + random() / 2);
        if (now() + pauseMs >= deadlineMs) throw gaveUp(error, patienceMs, pauses);
        this.#tell(trouble, deadlineMs);
        await sleep(pauseMs, signal).catch((reason: unknown) => {
          signal?.throwIfAborted();
          throw reason;
        });
        resent ||= !trouble.unsent;
      }
    }
  }

  #tell({ words }: Trouble, deadlineMs: number): void {
    const { host, now, tell } = this.#options;
    if (now() < this.#toldUntilMs) return;
    this.#toldUntilMs = deadlineMs;
    const clockTime = new Date(deadlineMs).toTimeString().slice(0, 8);
    tell(`API server at ${host} does not answer (${words}); trying again until ${clockTime}`);
  }
}

function marked(error: unknown, resent: boolean): unknown {
  return resent && error instanceof Error ? Object.assign(error, { [RESENT]: true }) : error;
}

/** The failure itself, and that more than one attempt was made. */
function gaveUp(error: unknown, patienceMs: number, pauses: number): unknown {
  if (!(error instanceof ConnectionError) || pauses === 0) return error;
  const tried = `tried again for ${patienceMs / 1000}s; --request-timeout sets how long`;
  const hint = error.advice === undefined ? tried : lines(error.advice, tried);
  return new ConnectionError(error.message, { hint, cause: error.cause, retryable: true });
}
