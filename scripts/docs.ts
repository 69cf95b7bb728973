/** Writes docs/commands.md from the command values and docs/dev/states.md from the table of states; with --check it writes nothing and fails when a page is stale. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { renderStates } from '../test/e2e/states/render-states.ts';
import { ROOT } from './build/bundle.ts';
import { readReference } from './reference/read-reference.ts';
import { renderMarkdown } from './reference/reference-markdown.ts';

const PAGES: readonly (readonly [page: string, wanted: string])[] = [
  ['docs/commands.md', renderMarkdown(await readReference())],
  ['docs/dev/states.md', renderStates()],
];

for (const [page, wanted] of PAGES) {
  if (!process.argv.includes('--check')) await writeFile(join(ROOT, page), wanted);
  else if ((await readFile(join(ROOT, page), 'utf8').catch(() => '')) !== wanted) {
    console.error(`error: stale: ${page}\nhint: make docs writes it anew`);
    process.exitCode = 1;
  }
}
