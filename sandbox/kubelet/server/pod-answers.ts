/** The answers of a rehearsal pod: heads and bodies as bytes, built once where they can be. */

/** The facts about the pod that its answers contain. */
export interface PodIdentity {
  pod: string;
  image: string;
  /** The label controller-revision-hash; empty for a pod without one. */
  revision: string;
}

const REASONS: Record<number, string> = {
  200: 'OK',
  400: 'Bad Request',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

export interface Answers {
  /** The whole answer; with `closes` it announces the end of the connection. */
  whole(status: number, body: string, closes: boolean): Buffer;
  /** The head of a chunked answer. */
  chunkedHead(closes: boolean): Buffer;
  /** `GET /`, from a small store: it is most of the traffic. */
  root(closes: boolean): Buffer;
}

export const LAST_CHUNK = Buffer.from('0\r\n\r\n');

/** One chunk of a chunked answer. */
export function chunk(text: string): Buffer {
  return Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
}

export function answersOf(identity: PodIdentity): Answers {
  // No text of the cluster may end a header line early.
  const pod = printable(identity.pod);
  const image = printable(identity.image);
  const revision = printable(identity.revision);
  const head = (status: number, framing: string, closes: boolean) =>
    `HTTP/1.1 ${status} ${REASONS[status] ?? 'Unknown'}\r\nx-pod: ${pod}\r\nx-image: ${image}\r\nx-revision: ${revision}\r\n` +
    `content-type: text/plain; charset=utf-8\r\n${framing}\r\nconnection: ${closes ? 'close' : 'keep-alive'}\r\n\r\n`;
  const whole = (status: number, body: string, closes: boolean) =>
    Buffer.from(head(status, `content-length: ${Buffer.byteLength(body)}`, closes) + body);
  const rootBody = `${pod} ${image}\n`;
  const rootOpen = whole(200, rootBody, false);
  const rootClosing = whole(200, rootBody, true);
  return {
    whole,
    chunkedHead: (closes) => Buffer.from(head(200, 'transfer-encoding: chunked', closes)),
    root: (closes) => (closes ? rootClosing : rootOpen),
  };
}

const printable = (text: string) => text.replaceAll(/[^\x20-\x7e]/g, '');
