/** Node for a target, as the base of its executable: downloaded once, checked against the lock file, without debug symbols. */
import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Platform } from '../package/platforms.ts';
import { ROOT } from './bundle.ts';
import { removeAuthenticode } from './unsign-pe.ts';

const run = promisify(execFile);
const CACHE = join(ROOT, '.cache', 'node');

/** Puts the target's Node into `folder` and resolves to its path. Throws when it is not what the lock file names. */
export async function baseNode({ node, os }: Platform, folder: string): Promise<string> {
  const member = os === 'windows' ? 'node.exe' : 'node';
  await run('tar', ['-xzf', await packageFile(node), '-C', folder, '--strip-components=2', `package/bin/${member}`]);
  const base = join(folder, member);
  if (os === 'windows') await writeFile(base, removeAuthenticode(await readFile(base)));
  // A third of the file. Before the plugin is put in: llvm-strip would drop what it does not know.
  if (os !== 'windows' && hasLlvmStrip()) await run('llvm-strip', [base]);
  return base;
}

/** Whether executables for Linux and macOS come without debug symbols; archives of machines with and without differ. */
export const hasLlvmStrip = (): boolean => spawnSync('llvm-strip', ['--version']).status === 0;

async function packageFile(name: string): Promise<string> {
  const { packages } = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string; integrity: string }>;
  };
  const locked = packages[`node_modules/${name}`];
  if (locked === undefined) throw new Error(`${name} is not in package-lock.json`);
  const file = join(CACHE, `${name}-${locked.version}.tgz`);
  if (!existsSync(file)) {
    await mkdir(join(CACHE, 'new'), { recursive: true });
    const { stdout } = await run('npm', [
      'pack',
      `${name}@${locked.version}`,
      '--pack-destination',
      join(CACHE, 'new'),
      '--loglevel=error',
    ]);
    await rename(join(CACHE, 'new', stdout.trim()), file);
  }
  const integrity = `sha512-${createHash('sha512')
    .update(await readFile(file))
    .digest('base64')}`;
  if (integrity !== locked.integrity)
    throw new Error(`${file} is not what package-lock.json names; remove it and run this again`);
  return file;
}
