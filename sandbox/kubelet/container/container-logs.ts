/** `GET /containerLogs/NAMESPACE/POD/CONTAINER`: the options that kubectl logs passes on (Kubernetes: core/v1 PodLogOptions). */
import type { ServerResponse } from 'node:http';
import type { LogBuffer, LogLine } from './log-buffer.ts';

const MOST_UNSENT_BYTES = 1_048_576;

/** Writes the kept lines; with follow=true stays until the client leaves, or until `ended`. */
export function sendLogs(
  log: LogBuffer,
  query: URLSearchParams,
  nowMs: number,
  response: ServerResponse,
  ended: Promise<void>,
): void {
  const stamped = query.get('timestamps') === 'true';
  const render = ({ atMs, text }: LogLine) => `${stamped ? `${new Date(atMs).toISOString()} ` : ''}${text}\n`;
  response.writeHead(200, { 'Content-Type': 'text/plain' });
  const text = selectLines(log.lines(), query, nowMs).map(render).join('');
  const limit = query.get('limitBytes');
  if (limit !== null) {
    response.end(Buffer.from(text).subarray(0, Number(limit)));
    return;
  }
  response.write(text);
  response.flushHeaders();
  if (query.get('follow') !== 'true') {
    response.end();
    return;
  }
  const unfollow = log.follow((line) => {
    // A reader that does not keep up loses its connection, not the pod's memory.
    if (response.writableLength > MOST_UNSENT_BYTES) response.destroy();
    else response.write(render(line));
  });
  response.on('close', unfollow);
  void ended.then(() => response.end());
}

function selectLines(lines: readonly LogLine[], query: URLSearchParams, nowMs: number): readonly LogLine[] {
  const seconds = query.get('sinceSeconds');
  const time = query.get('sinceTime');
  const sinceMs = seconds !== null ? nowMs - 1_000 * Number(seconds) : time !== null ? Date.parse(time) : 0;
  const recent = sinceMs > 0 ? lines.filter((line) => line.atMs >= sinceMs) : lines;
  const tail = query.get('tailLines');
  return tail === null ? recent : recent.slice(Math.max(0, recent.length - Number(tail)));
}
