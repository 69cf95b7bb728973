/** Clients in a closed loop, as wrk's and fortio's: each sends its next request when the last one has ended. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '../../traffic/connection.ts';
import type { HttpPlan } from '../experiment.ts';
import { Http2Client } from './http2-client.ts';
import type { TryOutcome } from './try-outcome.ts';

export interface Sent {
  startedAtMs: number;
  endedAtMs: number;
  /** Absent: a whole answer below 400. */
  cause?: string;
}

export interface HttpClients {
  sent: readonly Sent[];
  failedTries(): number;
  stop(): Promise<void>;
}

const IDLE_TIMEOUT_MS = 10_000;

export function startHttpClients(door: { host: string; port: number }, plan: HttpPlan): HttpClients {
  const sent: Sent[] = [];
  let failedTries = 0;
  let stopping = false;
  const run = async (): Promise<void> => {
    const client = plan.http2 === true ? new Http2Client(door, plan.path) : new Client(door, plan);
    while (!stopping) {
      const startedAtMs = Date.now();
      let cause: string | undefined;
      for (let tried = 0; tried < (plan.tries ?? 1); tried += 1) {
        const outcome = await client.request();
        cause =
          'failure' in outcome ? outcome.failure : outcome.status >= 400 ? `answered ${outcome.status}` : undefined;
        if (cause !== undefined) failedTries += 1;
        // An answer that has begun, or an error that was answered, is not asked for again.
        if (!('failure' in outcome) || outcome.answered) break;
      }
      sent.push({ startedAtMs, endedAtMs: Date.now(), ...(cause === undefined ? {} : { cause }) });
      await sleep(plan.pauseMs);
    }
    client.close();
  };
  const running = Array.from({ length: plan.clients }, run);
  return {
    sent,
    failedTries: () => failedTries,
    async stop() {
      stopping = true;
      await Promise.all(running);
    },
  };
}

/** One client, with at most one connection and one request at a time. */
class Client {
  readonly #door: { host: string; port: number };
  readonly #text: string;
  readonly #keepAlive: boolean;
  #open: Connection | undefined;
  #pending: ((outcome: TryOutcome) => void) | undefined;

  constructor(door: { host: string; port: number }, { path, keepAlive = false }: HttpPlan) {
    this.#door = door;
    this.#keepAlive = keepAlive;
    this.#text = `GET ${path} HTTP/1.1\r\nHost: sandbox\r\n${keepAlive ? '' : 'Connection: close\r\n'}\r\n`;
  }

  request(): Promise<TryOutcome> {
    const { promise, resolve } = Promise.withResolvers<TryOutcome>();
    this.#pending = resolve;
    if (this.#open === undefined) this.#open = this.#connect();
    else this.#open.send(this.#text, !this.#keepAlive);
    return promise;
  }

  close(): void {
    this.#open?.finish();
  }

  #connect(): Connection {
    const connection: Connection = new Connection({
      ...this.#door,
      idleTimeoutMs: IDLE_TIMEOUT_MS,
      now: Date.now,
      onConnect: (self) => self.send(this.#text, !this.#keepAlive),
      onAnswer: (self, { status }) => {
        const pending = this.#pending;
        // One that is over must not answer for the next, when its own end arrives.
        if (self.concluded) this.#open = undefined;
        this.#pending = undefined;
        pending?.({ status });
      },
      onSettled: ({ fate, cause, bytes }) => {
        if (this.#open !== connection) return;
        this.#open = undefined;
        const pending = this.#pending;
        this.#pending = undefined;
        pending?.({ failure: `${fate} (${cause})`, answered: bytes > 0 && !this.#keepAlive });
      },
    });
    return connection;
  }
}
