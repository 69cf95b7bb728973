/** A file that is written whole or not at all: readers never meet half of it. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

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
