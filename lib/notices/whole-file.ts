/** A file that is written whole or not at all: readers never meet half of it. */
import {
  closeSync,
  constants,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UsageError } from '../core/errors.ts';
import { systemErrorText } from '../core/values/system-error.ts';

/** Windows has none of them. */
const CAREFULLY = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** Writes beside it and renames; readable by everyone, as a collector of another user needs it. Throws the error of the system. */
export function writeWhole(path: string, text: string): void {
  // Hidden and without the ending that collectors look for.
  const beside = join(dirname(path), `.${basename(path)}.${process.pid}`);
  try {
    writeFileSync(beside, text, { mode: 0o644 });
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

/**
 * Throws UsageError, in the name of `flag`, where something stands at `path` that the program has not written itself: a rename
 * puts a file in the place of a device, a pipe, a link, or someone's own file. `start`: the beginning of this program's files.
 */
export function refuseToReplace(flag: string, path: string, start: string): void {
  const found = standing(path);
  if (found === undefined) return;
  if (!found.isFile())
    throw new UsageError(
      `${flag} ${path}: it exists and is not a plain file${found.isSymbolicLink() ? ': symbolic links are not followed' : ''}`,
      'name the file itself, or a new one',
    );
  if (found.size === 0 || headOf(flag, path, start.length) === start) return;
  throw new UsageError(
    `${flag} ${path}: the file is there already and was not written by this flag; nothing was replaced`,
    `a new file, or one that an earlier ${flag} wrote`,
  );
}

/** Undefined where nothing can be seen: the write then fails with the reason. */
function standing(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}

/** `start` is ASCII: a byte is a character. */
function headOf(flag: string, path: string, bytes: number): string {
  try {
    const file = openSync(path, constants.O_RDONLY | CAREFULLY);
    try {
      const head = Buffer.alloc(bytes);
      return head.toString('latin1', 0, readSync(file, head, 0, bytes, 0));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw new UsageError(`${flag} ${path}: ${systemErrorText(error)}`, 'a file that you may read and write');
  }
}
