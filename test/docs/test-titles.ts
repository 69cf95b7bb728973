/** The titles of the tests in a file's text, as `test('…')`, `it('…')` and `describe('…')` give them. */

/** One title; of a template, the fixed texts between its values. */
export interface TestTitle {
  parts: readonly string[];
}

const OPENING = /(?<![\w.'"`])(?:test|it|describe)\(\s*(?=['"`])/g;

export function testTitles(source: string): TestTitle[] {
  return [...source.matchAll(OPENING)].map((opening) => readLiteral(source, opening.index + opening[0].length));
}

/**
 * Whether a test of the file is called exactly `name`. A title with values fits when what stands in their places are texts
 * that the file spells out.
 */
export function hasTest(source: string, name: string): boolean {
  return testTitles(source).some(({ parts }) => {
    if (parts.length === 1) return parts[0] === name;
    const fitted = new RegExp(`^${parts.map((part) => RegExp.escape(part)).join('(.+)')}$`).exec(name);
    return fitted?.slice(1).every((value) => isSpeltOut(source, value)) ?? false;
  });
}

const isSpeltOut = (source: string, value: string): boolean =>
  ["'", '"', '`'].some((quote) => source.includes(`${quote}${value}${quote}`));

/** The string or template literal that begins at `from`. Throws on one that does not end. */
function readLiteral(source: string, from: number): TestTitle {
  const quote = source[from];
  const parts = [''];
  for (let at = from + 1; at < source.length; at += 1) {
    const character = source[at] ?? '';
    if (character === quote) return { parts };
    if (quote === '`' && source.startsWith('${', at)) {
      at = endOfValue(source, at + 2);
      parts.push('');
    } else if (character === '\\') {
      at += 1;
      parts.push((parts.pop() ?? '') + (source[at] ?? ''));
    } else parts.push((parts.pop() ?? '') + character);
  }
  throw new Error(`a title that begins with ${source.slice(from, from + 40)} does not end`);
}

/** Where the `}` of a template's value is. */
function endOfValue(source: string, from: number): number {
  let depth = 1;
  for (let at = from; at < source.length; at += 1) {
    if (source[at] === '{') depth += 1;
    if (source[at] === '}') depth -= 1;
    if (depth === 0) return at;
  }
  throw new Error('a value of a title does not end');
}
