/** A Chinese page has what its English page has: a reader of one misses no section, no command and no name of the other. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPages } from './pages.ts';

/** Commands that differ with their readers, not with the page: each audience posts to a chat of its own. */
const OF_ITS_READERS = /\.\/to-(slack|wecom)\.sh/;

const headingsOf = (text: string): string[] => [...text.matchAll(/^(#+) /gm)].map(([, level = '']) => level);

const namesOf = (text: string): string[] => [
  ...new Set([...text.matchAll(/`([^`\n]+)`/g)].map(([, name = '']) => name)),
];

const commandsOf = (text: string): string[] =>
  [...text.matchAll(/^ {4,}((?:kubectl \S+ [\w"'/-]|make |export |source |node ).*)$/gm)].map(([, line = '']) =>
    line
      .replace(/\s+#.*/, '')
      .replace(OF_ITS_READERS, './to-chat.sh')
      .trim(),
  );

const pages = await readPages();
for (const { path, text } of pages.filter((page) => page.path.endsWith('.zh-CN.md'))) {
  const english = pages.find((page) => page.path === path.replace('.zh-CN.md', '.md'));
  test(`${path} has the sections, commands and names of its English page`, () => {
    assert.ok(english, `${path} has no English page`);
    assert.deepEqual(headingsOf(text), headingsOf(english.text));
    assert.deepEqual(commandsOf(text), commandsOf(english.text));
    assert.deepEqual(namesOf(text).sort(), namesOf(english.text).sort());
  });
}
