/** Writes docs/commands.md from the command values; with --check it writes nothing and fails when the page is stale. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from './build/bundle.ts';
import { readReference } from './reference/read-reference.ts';
import { renderMarkdown } from './reference/reference-markdown.ts';

const PAGE = 'docs/commands.md';
const wanted = renderMarkdown(await readReference());

if (!process.argv.includes('--check')) await writeFile(join(ROOT, PAGE), wanted);
else if ((await readFile(join(ROOT, PAGE), 'utf8').catch(() => '')) !== wanted) {
  console.error(`error: stale: ${PAGE}\nhint: make docs writes it anew from the commands`);
  process.exit(1);
}
