/**
 * Reads HTTP/1.1 answers off a byte stream and knows exactly where one ends (RFC 9112, section 6.3):
 * only so does a proper end differ from a cut. It understands Content-Length and chunked bodies, which is
 * all that the rehearsal pods send; an answer that only the end of the connection would delimit is malformed here.
 */

export interface TrafficAnswer {
  status: number;
  /** The x-pod header. */
  pod: string | undefined;
  /** The server announced that it closes the connection after this answer. */
  closes: boolean;
}

export type ReadResult = 'more' | 'complete' | 'malformed';

const CRLF_CRLF = Buffer.from('\r\n\r\n');
const LONGEST_HEAD_BYTES = 16_384;
const LONGEST_LINE_BYTES = 1_024;

export class AnswerReader {
  /** Set once the head is read; stays until `reset`. */
  answer: TrafficAnswer | undefined;
  #head: Buffer = Buffer.alloc(0);
  #state: 'head' | 'length' | 'chunk-size' | 'chunk-data' | 'trailer' | 'complete' | 'malformed' = 'head';
  #remaining = 0;
  #line = '';

  /** Makes it ready for the next answer on the same connection. */
  reset(): void {
    this.answer = undefined;
    this.#head = Buffer.alloc(0);
    this.#state = 'head';
    this.#line = '';
  }

  /** Takes the next bytes. Bytes after the end of the answer are malformed: no request asked for them yet. */
  push(chunk: Buffer): ReadResult {
    let at = 0;
    while (at < chunk.length) {
      switch (this.#state) {
        case 'head':
          at = this.#readHead(chunk);
          break;
        case 'length':
        case 'chunk-data': {
          const taken = Math.min(this.#remaining, chunk.length - at);
          at += taken;
          this.#remaining -= taken;
          if (this.#remaining === 0) this.#state = this.#state === 'length' ? 'complete' : 'chunk-size';
          break;
        }
        case 'chunk-size':
        case 'trailer':
          at = this.#readLine(chunk, at);
          break;
        default:
          this.#state = 'malformed';
          return 'malformed';
      }
    }
    return this.#state === 'complete' ? 'complete' : this.#state === 'malformed' ? 'malformed' : 'more';
  }

  /** Returns how far into `chunk` the head reached. */
  #readHead(chunk: Buffer): number {
    const before = this.#head.length;
    const bytes = before === 0 ? chunk : Buffer.concat([this.#head, chunk]);
    const end = bytes.indexOf(CRLF_CRLF, Math.max(0, before - 3));
    if (end < 0) {
      this.#head = bytes;
      if (bytes.length > LONGEST_HEAD_BYTES) this.#state = 'malformed';
      return chunk.length;
    }
    this.#parseHead(bytes.toString('latin1', 0, end));
    return end + CRLF_CRLF.length - before;
  }

  #parseHead(head: string): void {
    const status = /^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1];
    const length = /^content-length:[ \t]*(\d+)[ \t]*$/im.exec(head)?.[1];
    if (status === undefined) {
      this.#state = 'malformed';
      return;
    }
    this.answer = {
      status: Number(status),
      pod: /^x-pod:[ \t]*(\S+)/im.exec(head)?.[1],
      closes: /^connection:[^\r\n]*\bclose\b/im.test(head),
    };
    if (/^transfer-encoding:[^\r\n]*\bchunked\b/im.test(head)) this.#state = 'chunk-size';
    else if (length === undefined) this.#state = 'malformed';
    else {
      this.#remaining = Number(length);
      this.#state = this.#remaining === 0 ? 'complete' : 'length';
    }
  }

  #readLine(chunk: Buffer, from: number): number {
    const newline = chunk.indexOf(0x0a, from);
    this.#line += chunk.toString('latin1', from, newline < 0 ? chunk.length : newline);
    if (newline < 0) {
      if (this.#line.length > LONGEST_LINE_BYTES) this.#state = 'malformed';
      return chunk.length;
    }
    const line = this.#line.trimEnd();
    this.#line = '';
    if (this.#state === 'trailer') {
      if (line === '') this.#state = 'complete';
      return newline + 1;
    }
    const digits = /^([0-9a-f]+)[ \t]*(?:;.*)?$/i.exec(line)?.[1];
    const size = digits === undefined ? undefined : Number.parseInt(digits, 16);
    if (size === undefined) this.#state = 'malformed';
    else if (size === 0) this.#state = 'trailer';
    else {
      // The chunk's data is followed by CRLF, which is not part of it but must arrive too.
      this.#remaining = size + 2;
      this.#state = 'chunk-data';
    }
    return newline + 1;
  }
}
