/** The frames of SPDY/3.1 that exec needs (SPDY Protocol, Draft 3.1, section 2): read and written as bytes. */

const Type = { synStream: 1, synReply: 2, ping: 6 } as const;
const CONTROL = 0x8003_0000;
const FIN = 1;
/** More than any frame of an exec; a longer one is no SPDY. */
const LONGEST_FRAME_BYTES = 1_048_576;

export type Frame =
  /** A new stream; `headers` is its compressed block. */
  | { kind: 'syn-stream'; streamId: number; headers: Buffer }
  | { kind: 'ping'; bytes: Buffer }
  /** Data for the command's standard input, and control frames that ask for nothing here. */
  | { kind: 'other' };

/** Cuts a byte stream into frames. */
export class FrameReader {
  #pending: Buffer = Buffer.alloc(0);

  /** Throws RangeError when the bytes cannot be SPDY. */
  push(bytes: Buffer): Frame[] {
    let rest = Buffer.concat([this.#pending, bytes]);
    const frames: Frame[] = [];
    while (rest.length >= 8) {
      const length = rest.readUIntBE(5, 3);
      if (length > LONGEST_FRAME_BYTES) throw new RangeError(`a SPDY frame of ${length} bytes`);
      if (rest.length < 8 + length) break;
      frames.push(parseFrame(rest.subarray(0, 8 + length)));
      rest = rest.subarray(8 + length);
    }
    this.#pending = rest;
    return frames;
  }
}

function parseFrame(frame: Buffer): Frame {
  const word = frame.readUInt32BE(0);
  if (word === CONTROL + Type.ping) return { kind: 'ping', bytes: frame };
  if (word !== CONTROL + Type.synStream || frame.length < 18) return { kind: 'other' };
  return { kind: 'syn-stream', streamId: frame.readUInt32BE(8), headers: frame.subarray(18) };
}

/**
 * Accepts streams. The header block of a reply has no headers, which is four zero bytes. As a stored deflate block they need no
 * compressor, only the zlib header before the first of the connection; the empty block after them is the flush that
 * readers wait for (RFC 1950, RFC 1951 section 3.2.4).
 */
export function startReplies(): (streamId: number) => Buffer {
  let zlibHeader = Buffer.of(0x78, 0x01);
  const noHeaders = Buffer.of(0x00, 0x04, 0x00, 0xfb, 0xff, 0x00, 0x00, 0x00, 0x00);
  const flush = Buffer.of(0x00, 0x00, 0x00, 0xff, 0xff);
  return (streamId) => {
    const block = Buffer.concat([zlibHeader, noHeaders, flush]);
    zlibHeader = Buffer.alloc(0);
    const head = Buffer.alloc(12);
    head.writeUInt32BE(CONTROL + Type.synReply, 0);
    head.writeUInt32BE(4 + block.length, 4);
    head.writeUInt32BE(streamId, 8);
    return Buffer.concat([head, block]);
  };
}

/** Data on a stream; `last` half-closes it. */
export function dataFrame(streamId: number, bytes: Buffer, last: boolean): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(streamId, 0);
  head.writeUInt32BE(bytes.length, 4);
  head.writeUInt8(last ? FIN : 0, 4);
  return Buffer.concat([head, bytes]);
}

/** The names and values of an inflated header block. */
export function parseHeaders(block: Buffer): Map<string, string> {
  const headers = new Map<string, string>();
  let at = 4;
  const next = () => {
    const end = at + 4 + block.readUInt32BE(at);
    const text = block.toString('utf8', at + 4, end);
    at = end;
    return text;
  };
  for (let count = block.readUInt32BE(0); count > 0; count -= 1) headers.set(next().toLowerCase(), next());
  return headers;
}
