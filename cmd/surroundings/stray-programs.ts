/** Executables that kubectl would run in the place of this program. */
import { readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Environment } from '../../lib/output/streams.ts';

/** kubectl takes the longest name that matches: kubectl-zeroloss-drain goes before kubectl-zeroloss (kubectl plugins). */
const STRAY = /^kubectl-zeroloss-./;

/** Paths of everything on the PATH that is called kubectl-zeroloss-…; a folder that cannot be read holds nothing to run. */
export async function strayPrograms(env: Environment): Promise<string[]> {
  const folders = [...new Set((env['PATH'] ?? env['Path'] ?? '').split(delimiter).filter((folder) => folder !== ''))];
  const found = await Promise.all(
    folders.map(async (folder) => {
      const names = await readdir(folder).catch((): string[] => []);
      return names.filter((name) => STRAY.test(name)).map((name) => join(folder, name));
    }),
  );
  return found.flat().sort();
}
