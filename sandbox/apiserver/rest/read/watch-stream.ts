/** A watch as an HTTP answer: one JSON line per event, until the client, the time-out or the server ends it. */
import { randomInt } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { ApiExchange } from '../../api-exchange.ts';
import { isTrue } from '../../http/request-info.ts';
import { parseSelection } from './list-selection.ts';
import { parseCount } from './query.ts';
import { type View, watchEncoder } from './representation.ts';
import { startWatch } from './watch-objects.ts';

/** As often as the real server, so that a client's version never grows older than this. */
const BOOKMARK_INTERVAL_MS = 60_000;

/** Without timeoutSeconds the real server ends a watch after 30 to 60 minutes, at random. */
const DEFAULT_TIMEOUT_SECONDS = { least: 1800, most: 3600 };

/** The last bookmark is due this long before the end; a watch that is shorter gets none. */
const LAST_BOOKMARK_SECONDS = 2;

/** A client that lets this much pile up is cut off; it will list again. */
const MAX_PENDING_BYTES = 16 * 1024 * 1024;

/** Starts the stream and returns; the stream lives on its own. Throws 4xx before the first byte only. */
export function streamWatch({ server, resource, info, query, response }: ApiExchange, view: View): void {
  const { store } = server;
  const selection = parseSelection(resource, { namespace: info.namespace, name: info.name }, query);
  const asked = parseCount(query, 'timeoutSeconds') ?? 0;
  const timeoutSeconds = asked > 0 ? asked : randomInt(DEFAULT_TIMEOUT_SECONDS.least, DEFAULT_TIMEOUT_SECONDS.most);
  const encoder = watchEncoder(view);
  const write = lineWriter(response);
  const stop = startWatch(store, resource, selection, query, {
    event: (type, object) => write(encoder.event(type, object)),
    bookmark: (version, annotations) => write(encoder.bookmark(version, annotations)),
    error: (status) => write(`${JSON.stringify({ type: 'ERROR', object: status })}\n`),
    end: () => response.end(),
  });
  // A watch without events yet is answered all the same.
  write('');
  const bookmark = (): void => write(encoder.bookmark(store.resourceVersion));
  const wantsBookmarks = isTrue(query.get('allowWatchBookmarks'));
  const bookmarks = wantsBookmarks ? setInterval(bookmark, BOOKMARK_INTERVAL_MS) : undefined;
  const timeout = setTimeout(() => {
    if (wantsBookmarks && timeoutSeconds > LAST_BOOKMARK_SECONDS) bookmark();
    response.end();
  }, timeoutSeconds * 1000);
  response.once('close', () => {
    stop();
    clearInterval(bookmarks);
    clearTimeout(timeout);
  });
}

/** Writes lines to the client; many of one turn leave as one packet. */
function lineWriter(response: ServerResponse): (line: string) => void {
  let corked = false;
  return (line) => {
    if (response.writableEnded || response.destroyed) return;
    if (!response.headersSent) {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.flushHeaders();
    }
    if (line === '') return;
    if (response.writableLength > MAX_PENDING_BYTES) {
      response.destroy();
      return;
    }
    if (!corked) {
      corked = true;
      response.cork();
      process.nextTick(() => {
        corked = false;
        response.uncork();
      });
    }
    response.write(line);
  };
}
