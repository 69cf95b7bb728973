/**
 * Takes HTTP/1.x requests off a byte stream (RFC 9112), as little of it as a rehearsal pod needs.
 * Bodies are read over and dropped; a chunked one ends the conversation after its answer.
 */

export interface PodRequest {
  method: string;
  /** Path with query, as sent. */
  target: string;
  path: string;
  query: URLSearchParams;
  /** The connection has to end after the answer: the client asked for it, or nothing more can be read from it. */
  closes: boolean;
}

/** The bytes are no HTTP request, or its head is longer than 16 KiB. */
export class MalformedRequest extends Error {}

const LONGEST_HEAD_BYTES = 16_384;
const REQUEST_LINE = /^([A-Z]{1,32}) (\S+) HTTP\/1\.([01])(?:\r\n|$)/;

export class RequestReader {
  #pending = '';
  #bodyBytes = 0;

  /** The requests completed by these bytes, in order. Throws MalformedRequest. */
  push(chunk: Buffer): PodRequest[] {
    let text = this.#pending + chunk.toString('latin1');
    const requests: PodRequest[] = [];
    for (;;) {
      const skipped = Math.min(this.#bodyBytes, text.length);
      this.#bodyBytes -= skipped;
      text = text.slice(skipped);
      const end = text.indexOf('\r\n\r\n');
      if (end < 0) break;
      const { request, bodyBytes } = parseHead(text.slice(0, end));
      requests.push(request);
      this.#bodyBytes = bodyBytes;
      text = text.slice(end + 4);
    }
    if (text.length > LONGEST_HEAD_BYTES) throw new MalformedRequest('the head of the request is longer than 16 KiB');
    this.#pending = text;
    return requests;
  }
}

function parseHead(head: string): { request: PodRequest; bodyBytes: number } {
  const line = REQUEST_LINE.exec(head);
  if (line === null) throw new MalformedRequest('not an HTTP/1.x request');
  const [, method = '', target = '', minor] = line;
  const connection = /^connection:[ \t]*([^\r\n]*)/im.exec(head)?.[1]?.toLowerCase() ?? '';
  const chunked = /^transfer-encoding:/im.test(head);
  const bodyBytes = Number(/^content-length:[ \t]*(\d+)/im.exec(head)?.[1] ?? 0);
  const closes = chunked || /\bclose\b/.test(connection) || (minor === '0' && !/\bkeep-alive\b/.test(connection));
  const mark = target.indexOf('?');
  return {
    request: {
      method,
      target,
      path: mark < 0 ? target : target.slice(0, mark),
      query: new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1)),
      closes,
    },
    bodyBytes,
  };
}
