/** Writes docs/commands.md and man/*.1 from the command values; with --check it writes nothing and fails when one is stale. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { commands, programHelp } from '../cmd/commands.ts';
import { cloudFlags } from '../lib/cli/cloud-flags.ts';
import { connectionFlags } from '../lib/cli/connection-flags.ts';
import { commonFlags, recordFlag } from '../lib/cli/verb-flags.ts';
import { ROOT } from './build/bundle.ts';
import { renderManPages } from './reference/reference-man.ts';
import { type Reference, renderMarkdown } from './reference/reference-markdown.ts';

const reference: Reference = {
  program: 'kubectl zeroloss',
  help: programHelp('kubectl zeroloss'),
  common: { ...connectionFlags, ...cloudFlags, ...recordFlag, ...commonFlags },
  commands: await Promise.all(commands.map(async ({ heading, load }) => ({ heading, command: await load() }))),
};
const wanted = new Map([['docs/commands.md', renderMarkdown(reference)], ...renderManPages(reference)]);
const former = await readdir(join(ROOT, 'man')).catch(() => []);
const stray = former.map((name) => `man/${name}`).filter((file) => !wanted.has(file));

if (process.argv.includes('--check')) {
  const stale = [...stray];
  for (const [file, text] of wanted) {
    if ((await readFile(join(ROOT, file), 'utf8').catch(() => '')) !== text) stale.push(file);
  }
  if (stale.length > 0) {
    console.error(`error: stale: ${stale.join(', ')}\nhint: make docs writes them anew from the commands`);
    process.exit(1);
  }
} else {
  await mkdir(join(ROOT, 'man'), { recursive: true });
  await Promise.all(stray.map((file) => rm(join(ROOT, file))));
  for (const [file, text] of wanted) await writeFile(join(ROOT, file), text);
}
