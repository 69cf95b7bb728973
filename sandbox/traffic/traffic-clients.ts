/** The three kinds of client. Each `run…` opens connections until asked to stop; a loss never stops it. */
import { Connection } from './connection.ts';
import type { ConnectionKind, Ledger } from './report.ts';

/** The parts that all clients of one generator share. */
export interface Bench {
  host: string;
  port: number;
  ledger: Ledger;
  now: () => number;
  random: () => number;
  /** Every connection without a fate, so that `stop` can find it. */
  open: Set<Connection>;
  readonly stopping: boolean;
  /** setTimeout that `stop` cancels. */
  later(ms: number, action: () => void): void;
}

/** No progress for this long is a time-out; streams send every 100 ms, answers come at once. */
export const IDLE_TIMEOUT_MS = 15_000;
/** A client whose connection was lost comes back after this long, so that an outage is not a busy loop. */
const RECONNECT_AFTER_MS = 100;
/** A keep-alive connection carries this many requests, paused by up to twice the mean between them. */
const REQUESTS_PER_CONNECTION = 40;
const MEAN_PAUSE_MS = 100;

const request = (path: string, close: boolean) =>
  `GET ${path} HTTP/1.1\r\nHost: sandbox\r\n${close ? 'Connection: close\r\n' : ''}\r\n`;
const SHORT_REQUEST = request('/', true);
const KEEP_ALIVE_REQUEST = request('/', false);

interface Script {
  onConnect(connection: Connection): void;
  onAnswer?(connection: Connection): void;
  onSettled?(fate: string): void;
}

function openConnection(bench: Bench, kind: ConnectionKind, script: Script): void {
  let attributed = false;
  bench.ledger.opened(kind);
  const connection = new Connection({
    host: bench.host,
    port: bench.port,
    idleTimeoutMs: IDLE_TIMEOUT_MS,
    now: bench.now,
    onConnect: script.onConnect,
    onAnswer: (self, answer) => {
      bench.ledger.answered(answer.status);
      if (!attributed && answer.pod !== undefined) bench.ledger.attributed(answer.pod);
      attributed = true;
      script.onAnswer?.(self);
    },
    onSettled: (end) => {
      bench.open.delete(connection);
      bench.ledger.settled(kind, end);
      script.onSettled?.(end.fate);
    },
  });
  bench.open.add(connection);
}

/** One connection, one request, read to the end. */
export function runShort(bench: Bench): void {
  openConnection(bench, 'short', { onConnect: (connection) => connection.send(SHORT_REQUEST, true) });
}

/** Many requests on one connection, the last of which asks for the close; then a new connection. */
export function runKeepAlive(bench: Bench): void {
  let sent = 0;
  const sendNext = (connection: Connection) => {
    sent += 1;
    const last = sent >= REQUESTS_PER_CONNECTION;
    connection.send(last ? SHORT_REQUEST : KEEP_ALIVE_REQUEST, last);
  };
  openConnection(bench, 'keep-alive', {
    onConnect: sendNext,
    onAnswer: (connection) => {
      if (bench.stopping) connection.finish();
      else if (sent < REQUESTS_PER_CONNECTION)
        bench.later(2 * MEAN_PAUSE_MS * bench.random(), () => {
          if (bench.open.has(connection) && !connection.concluded) sendNext(connection);
        });
    },
    onSettled: (fate) => again(bench, fate, () => runKeepAlive(bench)),
  });
}

/** One long chunked answer after another, each of a random length between the bounds. */
export function runStream(bench: Bench, [shortestMs, longestMs]: readonly [number, number]): void {
  const ms = Math.round(shortestMs + bench.random() * (longestMs - shortestMs));
  openConnection(bench, 'stream', {
    onConnect: (connection) => connection.send(request(`/stream?ms=${ms}`, true), true),
    onSettled: (fate) => again(bench, fate, () => runStream(bench, [shortestMs, longestMs])),
  });
}

function again(bench: Bench, fate: string, run: () => void): void {
  if (bench.stopping) return;
  bench.later(fate === 'completed' ? 0 : RECONNECT_AFTER_MS, run);
}
