import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readExtent } from '../../bench/sections.ts';
import { testTitles } from './test-titles.ts';

/** Words that docs/dev/style.md replaces by plain ones. */
const AVOIDED =
  /\b(told|meant|nobody|whoever|may pass|let pass|at the least|as you said|held against|mended|mends it|that can be had|is said|are said|said so|bear witness)\b/i;

/** Comments and literals: names in code are no prose. */
const PROSE = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g;

/** Comments alone; what looks like one within a literal is none. */
const comments = (text: string): string[] =>
  [...text.matchAll(PROSE)].map(([prose]) => prose).filter((prose) => /^\/[/*]/.test(prose));

/** Where such a word is a contract or a name. */
const ALLOWED = [/'mended'/];

const found = (file: string, text: string): string[] =>
  text
    .split('\n')
    .filter((line) => AVOIDED.test(line) && !ALLOWED.some((each) => each.test(line)))
    .map((line) => `${file}: ${line.trim()}`);

test('messages, help and comments name the actor, in the words of docs/dev/style.md', () => {
  const wrong = globSync('{lib,cmd,sandbox,scripts}/**/*.ts').flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(PROSE)].flatMap(([prose]) => found(file, prose)),
  );
  assert.deepEqual(wrong, []);
});

/** A comment whose subject is a clause hides the noun that it is about. */
const CLAUSE_FIRST = /(?:\/\*\*|\/\/|^ *\*|[.;]) +(?:What|Who|Whatever|Whoever) /m;

test('no sentence of a comment begins with What or Who as a noun', () => {
  const wrong = globSync('{lib,cmd,sandbox,scripts,bench,test}/**/*.ts').flatMap((file) =>
    comments(readFileSync(file, 'utf8')).flatMap((comment) =>
      CLAUSE_FIRST.test(comment) ? [`${file}: ${comment.slice(0, 80)}`] : [],
    ),
  );
  assert.deepEqual(wrong, []);
});

test('comments of tests and benches use the same words: they are read as the code is', () => {
  const wrong = globSync('{test,bench}/**/*.ts').flatMap((file) =>
    comments(readFileSync(file, 'utf8')).flatMap((comment) => found(file, comment)),
  );
  assert.deepEqual(wrong, []);
});

test('titles of tests are sentences in the same words', () => {
  const wrong = globSync('test/**/*.test.ts').flatMap((file) =>
    testTitles(readFileSync(file, 'utf8')).flatMap(({ parts }) => {
      const title = parts.join('…');
      return AVOIDED.test(title) || /^(what|who) [a-z]/.test(title) ? [`${file}: ${title}`] : [];
    }),
  );
  assert.deepEqual(wrong, []);
});

test('the pages for users and contributors avoid the same words, but for the page that lists them', () => {
  const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'sandbox/README.md', ...globSync('docs/**/*.md')];
  const others = pages.filter((page) => !page.endsWith('style.md'));
  assert.deepEqual(
    others.flatMap((page) => found(page, readFileSync(page, 'utf8'))),
    [],
  );
});

/** An excuse for a figure: a reader can repeat a command, and not the load that a machine once had. */
const EXCUSE = /\bbusy (machine|with)\b|\bother work\b|\bidle priority\b|\bnothing else at work\b|\bother programs\b/i;

test('no page excuses a figure by other work of the machine: it names the command', () => {
  const pages = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md')];
  const wrong = pages.flatMap((page) =>
    readFileSync(page, 'utf8')
      .split('\n')
      .filter((line) => EXCUSE.test(line))
      .map((line) => `${page}: ${line.slice(0, 120)}`),
  );
  assert.deepEqual(wrong, []);
});

test('each block of figures of performance.md stands below a command of one part of the bench', () => {
  const [, figures = ''] = /## Figures\n([\s\S]*?)\n## /.exec(readFileSync('docs/dev/performance.md', 'utf8')) ?? [];
  const paragraphs = figures.split('\n\n').filter((paragraph) => paragraph.trim() !== '');
  const commands = paragraphs.filter((paragraph) => !paragraph.startsWith('    ')).slice(1);
  assert.ok(commands.length > 4, figures.slice(0, 200));
  for (const line of commands) {
    assert.match(line, /^`((BENCH_\w+=\S+ )+make bench|(make build && )?node --import tsx bench\/\S+)`/);
    const [, section] = /BENCH_ONLY=([\w,-]+)/.exec(line) ?? [];
    if (section !== undefined) assert.deepEqual(readExtent({ BENCH_ONLY: section }).sections, [section]);
  }
});
