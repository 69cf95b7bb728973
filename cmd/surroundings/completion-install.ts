/** Puts kubectl_complete-zeroloss where kubectl finds it: krew, for one, links only the plugin itself into PATH. */
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, chmod, lstat, rename, rm, writeFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { completionShim, completionShimOf } from '../../lib/cli/completion/completion-scripts.ts';
import { UsageError } from '../../lib/core/errors.ts';
import { systemErrorText } from '../../lib/core/values/system-error.ts';
import type { Environment } from '../../lib/output/streams.ts';
import { readText } from '../../lib/read-file.ts';

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
  const there = await contentOf(file);
  // npm puts its own launcher there, which does the same.
  const isRight = there === shim || (there !== undefined && completionShimOf(there) === 'npm');
  if (isRight && (windows || (await isExecutable(file)))) return { file, changed: false };
  if (there !== undefined && completionShimOf(there) === undefined) {
    throw new UsageError(
      `${file} is there already and is not of this plugin`,
      'move it away, or name another folder with --to',
    );
  }
  try {
    await (isRight ? chmod(file, 0o755) : replace(file, shim));
  } catch (error) {
    throw new UsageError(
      `cannot write ${file}: ${systemErrorText(error)}`,
      'name a folder on PATH that you may write to with --to',
    );
  }
  return { file, changed: true };
}

/** Undefined when there is nothing of that name. Throws UsageError when there is something that cannot be looked into. */
async function contentOf(file: string): Promise<string | undefined> {
  try {
    await lstat(file);
  } catch {
    return undefined;
  }
  try {
    return await readText(file);
  } catch (error) {
    throw new UsageError(
      `${file} is there already and cannot be read: ${systemErrorText(error)}`,
      'move it away, or name another folder with --to',
    );
  }
}

/** In one step, and in place of a link, not through it: its target belongs to someone else. */
async function replace(file: string, content: string): Promise<void> {
  const draft = `${file}.${randomUUID()}`;
  try {
    await writeFile(draft, content, { mode: 0o755 });
    await rename(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
}

const isExecutable = (file: string): Promise<boolean> =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  );

async function folderOf(name: string, paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if (await isExecutable(join(path, name))) return path;
  return undefined;
}
