/**
 * Reads small files of this machine. node:fs/promises would load readline along with it, at the start of every command.
 * Law: a pipe without a writer holds up its reader alone: signals and time limits still end the command.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from 'node:fs';

/** More than any kubeconfig, certificate or recording holds. Without a bound, `/dev/full` fills the memory of the machine. */
const MAX_BYTES = 64 * 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;
/** Opening a named pipe waits for a writer otherwise, and with it everything else. Windows has no such flag. */
const AT_ONCE = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** The bytes of a file or pipe; rejects with the system's error, with EFBIG for more than 64 MiB, or with the signal's reason. */
export const readBytes = (path: string, signal?: AbortSignal): Promise<Buffer> => readAtMost(path, MAX_BYTES, signal);

/** A file of UTF-8 text; rejects as `readBytes` does. */
export const readText = async (path: string, signal?: AbortSignal): Promise<string> =>
  (await readBytes(path, signal)).toString('utf8');

/** A file or pipe of at most `limit` bytes. Rejects with the system's error, one with the code EFBIG, or the signal's reason. */
export async function readAtMost(path: string, limit: number, signal?: AbortSignal): Promise<Buffer> {
  signal?.throwIfAborted();
  const file = openSync(path, AT_ONCE);
  let isStream = false;
  try {
    const status = fstatSync(file);
    if (status.isFile() && status.size > 0 && status.size <= limit) return readFileSync(file);
    if (status.isFIFO() || (status.isCharacterDevice() && (await import('node:tty')).isatty(file))) {
      isStream = true;
      return await readStream(file, path, limit, signal);
    }
    return readChunks(file, path, limit);
  } finally {
    if (!isStream) closeSync(file);
  }
}

/** A pipe, or a terminal: its writer takes its time. Closes the file. */
async function readStream(file: number, path: string, limit: number, signal: AbortSignal | undefined): Promise<Buffer> {
  const [{ Socket }, { isatty, ReadStream }] = await Promise.all([import('node:net'), import('node:tty')]);
  const stream = isatty(file) ? new ReadStream(file) : new Socket({ fd: file, readable: true, writable: false });
  const stop = () => stream.destroy(signal?.reason);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    signal?.throwIfAborted();
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > limit) throw tooLarge(path);
      chunks.push(chunk);
    }
    signal?.throwIfAborted();
    return Buffer.concat(chunks);
  } finally {
    signal?.removeEventListener('abort', stop);
    stream.destroy();
  }
}

/** Devices and the files of /proc say no size, or 0. */
function readChunks(file: number, path: string, limit: number): Buffer {
  const chunks: Buffer[] = [];
  for (let length = 0; ; ) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const got = readSync(file, chunk);
    if (got === 0) return Buffer.concat(chunks);
    length += got;
    if (length > limit) throw tooLarge(path);
    chunks.push(chunk.subarray(0, got));
  }
}

const tooLarge = (path: string): Error =>
  Object.assign(new Error(`EFBIG: file too large, read '${path}'`), { code: 'EFBIG', syscall: 'read', path });
