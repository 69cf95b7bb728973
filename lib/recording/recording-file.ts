/** Appends JSON lines to a file, each in one write, so that a killed program leaves whole lines. */
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, writeSync } from 'node:fs';
import { UsageError } from '../core/errors.ts';
import { RECORDING_FORMAT } from '../core/story/recording.ts';
import { systemErrorText } from '../core/values/system-error.ts';
import { type Mask, maskingFields } from '../output/mask-secrets.ts';

export interface RecordingFile {
  append(line: object): void;
  close(): void;
}

const HEAD_BYTES = 4096;
/** Windows has no such flag. */
const NOFOLLOW = constants.O_NOFOLLOW ?? 0;

/**
 * Opens for appending; a new file is readable by its owner alone.
 * Throws UsageError when it cannot be written, or holds something that is no recording.
 */
export function openRecordingFile(path: string, mask: Mask, warn: (line: string) => void): RecordingFile {
  const file = open(path);
  let failed = false;
  const write = (text: string): void => {
    if (failed) return;
    try {
      writeSync(file, text);
    } catch (error) {
      failed = true;
      warn(`the recording ${path} can no longer be written: ${systemErrorText(error)}`);
    }
  };
  if (!isFresh(file, path) && lastByte(file) !== '\n') write('\n');
  return {
    append: (line) => write(`${JSON.stringify(line, maskingFields(mask))}\n`),
    close: () => closeSync(file),
  };
}

/** A link is not followed: a writer of the folder would choose the file that is appended to. */
function open(path: string): number {
  const before = lstatSync(path, { throwIfNoEntry: false });
  if (before !== undefined && !before.isFile())
    throw new UsageError(
      `--record ${path}: it exists and is not a plain file${before.isSymbolicLink() ? ': symbolic links are not followed' : ''}`,
      'name the file itself, or a new one',
    );
  try {
    return openSync(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | NOFOLLOW, 0o600);
  } catch (error) {
    throw new UsageError(`--record ${path}: ${systemErrorText(error)}`, 'a file in a folder that you may write to');
  }
}

/** True for an empty file; refuses one that holds something else than a recording. */
function isFresh(file: number, path: string): boolean {
  const { size } = fstatSync(file);
  if (size === 0) return true;
  const head = Buffer.alloc(Math.min(HEAD_BYTES, size));
  readSync(file, head, 0, head.length, 0);
  if (head.toString('utf8').includes(`"format":"${RECORDING_FORMAT}"`)) return false;
  closeSync(file);
  throw new UsageError(
    `--record ${path}: the file is there already and is not a recording of this program; nothing was appended`,
    'a new file, or one that an earlier --record wrote',
  );
}

function lastByte(file: number): string {
  const last = Buffer.alloc(1);
  readSync(file, last, 0, 1, fstatSync(file).size - 1);
  return last.toString('utf8');
}
