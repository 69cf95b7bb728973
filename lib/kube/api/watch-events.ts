import type { Readable } from 'node:stream';
import { ConnectionError } from '../../core/errors.ts';
import { MIB } from '../../net/read-body.ts';
import type { WatchEvent, WatchOptions } from '../../ports.ts';
import { connectionErrorFrom } from '../wire/connection-error.ts';
import { namedObject } from './object-shape.ts';
import { queryString } from './paths.ts';
import type { Transport } from './transport.ts';

/** The server is asked to end a watch after this long, so that a dead connection cannot pass for a quiet one. */
const WATCH_SECONDS = 300;
/** Silence after which the watch is taken for dead; bookmarks come about once a minute, the end after WATCH_SECONDS. */
const SILENCE_MS = (WATCH_SECONDS + 30) * 1000;

/**
 * The events of one watch, until the server ends it or the signal aborts (then it just ends).
 * Throws StatusError when the watch is refused (410: list again) and ConnectionError when the stream breaks.
 */
export async function* watchEvents(
  transport: Transport,
  path: string,
  options: WatchOptions,
  silenceMs: number = SILENCE_MS,
): AsyncGenerator<WatchEvent, void, undefined> {
  const { signal } = options;
  const query = queryString({
    watch: 'true',
    allowWatchBookmarks: 'true',
    timeoutSeconds: String(WATCH_SECONDS),
    resourceVersion: options.resourceVersion,
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
  });
  if (signal?.aborted) return;
  let body: Readable | undefined;
  try {
    body = await transport.stream({ method: 'GET', path: path + query, signal, idleTimeoutMs: silenceMs });
    for await (const line of jsonLines(body, path)) yield parseEvent(line, path);
  } catch (error) {
    if (signal?.aborted) return;
    throw isOurs(error) ? error : connectionErrorFrom(error, transport.urlOf(path));
  } finally {
    body?.destroy();
  }
}

function isOurs(error: unknown): boolean {
  return error instanceof Error && 'exitCode' in error;
}

/** An event is one object: 1.5 MiB in etcd at most. */
const EVENT_CHARACTERS = 16 * MIB;

function tooLong(path: string): ConnectionError {
  return new ConnectionError(
    `Unable to connect to the server: the watch of ${path} brought an event of more than ${EVENT_CHARACTERS / MIB} MiB`,
  );
}

/** Lines of a stream; a character or a line may be split over any number of chunks. */
async function* jsonLines(body: Readable, path: string): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let pending: string[] = [];
  let length = 0;
  for await (const chunk of body) {
    const [first = '', ...rest] = decoder.decode(chunk as Buffer, { stream: true }).split('\n');
    pending.push(first);
    length += first.length;
    for (const next of rest) {
      const line = pending.join('');
      pending = [next];
      length = next.length;
      if (line.trim() !== '') yield line;
    }
    if (length > EVENT_CHARACTERS) throw tooLong(path);
  }
  const last = pending.join('') + decoder.decode();
  if (last.trim() !== '') yield last;
}

function parseEvent(line: string, path: string): WatchEvent {
  const event = eventIn(line);
  if (event === undefined)
    throw new ConnectionError(
      `Unable to connect to the server: the watch of ${path} broke off or brought no event: ${line.slice(0, 160)}`,
    );
  if (event.type !== 'ERROR' && event.type !== 'BOOKMARK') namedObject(event.object, `the watch of ${path}`);
  return event;
}

function eventIn(line: string): WatchEvent | undefined {
  try {
    const event = JSON.parse(line) as WatchEvent | null;
    const isEvent = typeof event?.type === 'string' && typeof event.object === 'object' && event.object !== null;
    return isEvent ? event : undefined;
  } catch {
    return undefined;
  }
}
