/** Reads small files of this machine. node:fs/promises would load readline along with it, at the start of every command. */
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';

/** More than any kubeconfig, certificate or recording holds. Without a bound, `/dev/full` fills the memory of the machine. */
const MAX_BYTES = 64 * 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;

/** The bytes of a file or pipe; rejects with the system's error, or with EFBIG for more than 64 MiB. */
export const readBytes = async (path: string): Promise<Buffer> => readAtMost(path, MAX_BYTES);

/** A file of UTF-8 text; rejects as `readBytes` does. */
export const readText = async (path: string): Promise<string> => (await readBytes(path)).toString('utf8');

/** A file or pipe of at most `limit` bytes. Throws the system's error, or one with the code EFBIG. */
export function readAtMost(path: string, limit: number): Buffer {
  const file = openSync(path, 'r');
  try {
    const status = fstatSync(file);
    if (status.isFile() && status.size > 0 && status.size <= limit) return readFileSync(file);
    return readChunks(file, path, limit);
  } finally {
    closeSync(file);
  }
}

/** Pipes, devices and the files of /proc say no size, or 0. */
function readChunks(file: number, path: string, limit: number): Buffer {
  const chunks: Buffer[] = [];
  for (let length = 0; ; ) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const got = readSync(file, chunk);
    if (got === 0) return Buffer.concat(chunks);
    length += got;
    if (length > limit)
      throw Object.assign(new Error(`EFBIG: file too large, read '${path}'`), { code: 'EFBIG', syscall: 'read', path });
    chunks.push(chunk.subarray(0, got));
  }
}
