import assert from 'node:assert/strict';
import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { commands } from '../../cmd/commands.ts';
import { parseWords } from '../../lib/cli/parse.ts';
import { route } from '../../lib/cli/route.ts';
import { anchorsOf, commandsOf, isForm, linksOf, type Page, pathsOf, ROOT, readPages } from './pages.ts';

const pages = await readPages();

describe('every page', () => {
  it('links to pages, files and headings that exist', async () => {
    for (const page of pages)
      for (const link of linksOf(page)) {
        const [target = '', anchor] = link.split('#');
        const path = target === '' ? page.path : join(dirname(page.path), target);
        await access(join(ROOT, path)).catch(() => assert.fail(`${page.path} links to ${link}, which does not exist`));
        const found = pages.find((each) => each.path === path);
        if (anchor !== undefined && found !== undefined)
          assert.ok(anchorsOf(found).includes(anchor), `${page.path}: ${link} names no heading of ${path}`);
      }
  });

  it('names paths of the repository that exist', async () => {
    for (const page of pages)
      for (const path of pathsOf(page))
        await access(join(ROOT, path)).catch(() => assert.fail(`${page.path} names ${path}, which does not exist`));
  });

  it('shows commands that the program understands, with flags that it has', async () => {
    let tried = 0;
    for (const page of pages)
      for (const command of commandsOf(page)) {
        if (isForm(command)) continue;
        await understands(page, command);
        tried++;
      }
    assert.ok(tried > 40, `only ${tried} commands were found`);
  });
});

async function understands(page: Page, command: string): Promise<void> {
  const argv = [...command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '');
  try {
    const found = route(argv, commands, {});
    if (found.kind !== 'run') return;
    const { flags } = await found.entry.load();
    await parseWords(found.words, flags);
  } catch (error) {
    assert.fail(`${page.path} shows "kubectl zeroloss ${command}": ${error instanceof Error ? error.message : error}`);
  }
}

describe('the series found in a page', () => {
  const page = (text: string): Page => ({ path: 'page.md', text });

  it('are commands of code blocks and of inline code, without comments', () => {
    const text = 'Run `kubectl zeroloss drain nginx 0`:\n\n    $ kubectl zeroloss status nginx   # reads\n';
    assert.deepEqual(commandsOf(page(text)).sort(), ['drain nginx 0', 'status nginx']);
    assert.deepEqual(commandsOf(page('    kubectl zeroloss drain nginx 0 && kubectl zeroloss wait-zero nginx\n')), [
      'drain nginx 0',
      'wait-zero nginx',
    ]);
  });

  it('a command with names of arguments in capitals is a form, and is not tried', () => {
    assert.ok(isForm('drain TARGET ORDINALS'));
    assert.ok(!isForm('drain nginx 0 --min-serving 80%'));
  });

  it('an anchor is a heading as forges write it', () => {
    assert.deepEqual(anchorsOf(page('## A connection does not end\n')), ['a-connection-does-not-end']);
  });
});
