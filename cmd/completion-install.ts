/** Puts kubectl_complete-zeroloss where kubectl finds it: krew, for one, links only the plugin itself into PATH. */
import { constants } from 'node:fs';
import { access, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { completionShim } from '../lib/cli/completion-scripts.ts';
import { UsageError } from '../lib/errors.ts';
import type { Environment } from '../lib/output/streams.ts';

export interface CompletionPlace {
  env: Environment;
  /** `linux/amd64`. */
  platform: string;
  /** Where to; by default the first folder on PATH that holds the plugin. */
  folder: string | undefined;
}

/** Resolves to the file's path, and whether it was written. Throws UsageError when it cannot be, or would replace a stranger's file. */
export async function installCompletion({
  env,
  platform,
  folder,
}: CompletionPlace): Promise<{ file: string; changed: boolean }> {
  const windows = platform.startsWith('windows/');
  const paths = (env['PATH'] ?? env['Path'] ?? '').split(delimiter).filter((path) => path !== '');
  const target = folder ?? (await folderOf(windows ? 'kubectl-zeroloss.exe' : 'kubectl-zeroloss', paths));
  if (target === undefined) {
    throw new UsageError(
      'kubectl-zeroloss is in no folder of PATH',
      'put it there, or name a folder on PATH with --to',
    );
  }
  if (!paths.some((path) => resolve(path) === resolve(target))) {
    throw new UsageError(
      `${target} is not on PATH, so kubectl would not find the file`,
      'name a folder on PATH with --to',
    );
  }
  const file = join(target, windows ? 'kubectl_complete-zeroloss.cmd' : 'kubectl_complete-zeroloss');
  const shim = completionShim(windows ? 'windows' : 'posix');
  const there = await readFile(file, 'utf8').catch(() => undefined);
  if (there === shim) return { file, changed: false };
  if (there !== undefined && !there.includes('kubectl-zeroloss')) {
    throw new UsageError(
      `${file} is there already and is not of this plugin`,
      'move it away, or name another folder with --to',
    );
  }
  try {
    await writeFile(file, shim, { mode: 0o755 });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`cannot write ${file}: ${why}`, 'name a folder on PATH that you may write to with --to');
  }
  return { file, changed: true };
}

async function folderOf(name: string, paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    try {
      await access(join(path, name), constants.X_OK);
      return path;
    } catch {
      // Not in this one.
    }
  }
  return undefined;
}
