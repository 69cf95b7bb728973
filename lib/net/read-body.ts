/** The body of an answer, whole or not at all: nothing that a server sends may fill the memory. */
import type { Readable } from 'node:stream';

export const MIB = 1024 * 1024;

/** The answer was longer than it may be; who asked gives it the request's name. */
export class TooLargeError extends Error {
  readonly maxBytes: number;

  constructor(maxBytes: number) {
    super(`the answer is larger than ${maxBytes / MIB} MiB, and was not read further`);
    this.maxBytes = maxBytes;
  }
}

/**
 * The whole body as UTF-8, at most `maxBytes` after decompression. Throws TooLargeError, having ended the connection,
 * and Error when the body breaks off.
 */
export async function readBody(body: Readable, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  await new Promise<void>((resolve, reject) => {
    body.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) chunks.push(chunk);
      else {
        const error = new TooLargeError(maxBytes);
        reject(error);
        body.destroy(error);
      }
    });
    body.once('end', resolve);
    body.once('error', reject);
    body.once('close', () => reject(new Error('the answer broke off')));
  });
  return Buffer.concat(chunks).toString('utf8');
}
