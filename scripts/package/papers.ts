/** The documents in every package: the READMEs, what they lead to, and the man pages. */
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { ROOT } from '../build/bundle.ts';
import { readReference } from '../reference/read-reference.ts';
import { renderManPages } from '../reference/reference-man.ts';

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
  const pages = await Promise.all(names.map(async (name) => ({ name, content: await readFile(join(ROOT, name)) })));
  const man = renderManPages(await readReference());
  return [...pages, ...[...man].map(([name, text]) => ({ name, content: Buffer.from(text) }))];
}
