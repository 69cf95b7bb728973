/** The file of `--env-file`: it appears whole, when everything is ready, and goes with the sandbox. */
import { lstat, rename, rm, writeFile } from 'node:fs/promises';
import { ExitCode, ZerolossError } from '../../lib/core/errors.ts';
import { systemErrorText } from '../../lib/core/values/system-error.ts';

export interface EnvFile {
  /** Puts the text in place in one step: who waits for the file never reads half of it. */
  fill(text: string): Promise<void>;
  remove(): Promise<void>;
}

/** Takes a file of an earlier run away. Throws ZerolossError at once when no file can be written there. */
export async function openEnvFile(path: string): Promise<EnvFile> {
  const draft = `${path}.${process.pid}.tmp`;
  let filled = false;
  try {
    // A device or a link is somebody else's, and must neither go nor be replaced.
    const before = await lstat(path).catch(() => undefined);
    if (before !== undefined && !before.isFile()) throw new Error('it exists, and is no plain file');
    await writeFile(draft, '', { mode: 0o600 });
    await rm(path, { force: true });
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw new ZerolossError(ExitCode.error, `--env-file ${path} cannot be written: ${systemErrorText(error)}`, {
      hint: '--env-file takes the path of a file, in a folder that exists',
      cause: error,
    });
  }
  return {
    async fill(text) {
      await writeFile(draft, text, { mode: 0o600, flush: true });
      await rename(draft, path);
      filled = true;
    },
    remove: () => rm(filled ? path : draft, { force: true }),
  };
}
