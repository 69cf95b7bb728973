import assert from 'node:assert/strict';
import { access, readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { hasTest, testTitles } from './test-titles.ts';

const PAGE = new URL('../../docs/dev/pitfalls.md', import.meta.url);

/** Every pitfall that has to have a test: P of load balancers and upgrades, T of TKE, its load balancer, monitor and API. */
const PITFALLS = { P: 20, T: 49 } as const;

interface Row {
  /** `P4`; of a line without one, that of the line above. */
  number: string;
  pitfall: string;
  file: string;
  name: string;
}

async function readRows(): Promise<Row[]> {
  const page = await readFile(PAGE, 'utf8');
  let number = '';
  return page
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| # '))
    .map((line) => {
      const cells = /^\| (?:([A-Z]\d+) )?\| (?:(.+?) )?\| \[(\S+)\]\(\.\.\/\.\.\/(\S+)\) \| (.+) \|$/.exec(line);
      assert.ok(cells !== null, `not a row: ${line}`);
      const [, own, pitfall = '', text = '', file = '', name = ''] = cells;
      assert.equal(text, file, `a link that leads elsewhere than it says: ${line}`);
      assert.equal(own === undefined, pitfall === '', `a number without a pitfall, or the other way round: ${line}`);
      number = own ?? number;
      return { number, pitfall, file, name };
    });
}

describe('docs/dev/pitfalls.md', () => {
  it('has every pitfall once, in order, and no other', async () => {
    const numbered = (await readRows()).filter(({ pitfall }) => pitfall !== '').map(({ number }) => number);
    const wanted = Object.entries(PITFALLS).flatMap(([letter, count]) =>
      Array.from({ length: count }, (_, index) => `${letter}${index + 1}`),
    );
    assert.deepEqual(numbered, wanted);
  });

  it('names for each a test that is one, by its whole title', async () => {
    for (const { number, file, name } of await readRows()) {
      const source = await readFile(new URL(`../../${file}`, PAGE), 'utf8');
      assert.ok(hasTest(source, name), `${number}: ${file} has no test called "${name}"`);
    }
  });

  it('links to what is there', async () => {
    const page = await readFile(PAGE, 'utf8');
    for (const [, target = ''] of page.matchAll(/\]\(([^)#]+)\)/g)) await access(new URL(target, PAGE));
    for (const [, path = ''] of page.matchAll(/`((?:test|sandbox|lib|docs)\/[^`]+)`/g))
      await access(new URL(`../../${path}`, PAGE));
  });
});

describe('the titles of tests', () => {
  const source = [
    "test('a plain one', () => {});",
    "  it(\n    'it isn\\'t \"split\"', () => {});",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: -- source text that is read, not run
    "for (const kind of ['late', 'lost']) describe(`${kind} points, ${{ a: 1 }.a} time`, () => {});",
    "regex.test('no title'); limit('neither');",
  ].join('\n');

  it('are read from strings and templates, and from nothing else', () => {
    assert.deepEqual(
      testTitles(source).map(({ parts }) => parts),
      [['a plain one'], ['it isn\'t "split"'], ['', ' points, ', ' time']],
    );
  });

  it('fit a name as a whole, with values that the file spells out', () => {
    assert.ok(hasTest(source, 'a plain one'));
    assert.ok(!hasTest(source, 'plain'));
    assert.ok(!hasTest(`${source}\n// a comment`, 'a comment'));
    assert.ok(hasTest(`${source} '1'`, 'late points, 1 time'));
    assert.ok(!hasTest(`${source} '1'`, 'early points, 1 time'));
  });
});
