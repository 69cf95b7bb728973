/** What there is to read with every package: the READMEs, and what they lead to. */
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { ROOT } from '../build/bundle.ts';

export interface Paper {
  /** From the top of the package, with `/`. */
  name: string;
  content: Buffer;
}

export async function papers(): Promise<Paper[]> {
  const below = await Promise.all(
    ['deploy', 'docs'].map(async (folder) => {
      const found = await readdir(join(ROOT, folder), { recursive: true, withFileTypes: true });
      return found
        .filter((entry) => entry.isFile())
        .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
    }),
  );
  const names = ['README.md', 'README.zh-CN.md', ...below.flat().sort()];
  return Promise.all(names.map(async (name) => ({ name, content: await readFile(join(ROOT, name)) })));
}
