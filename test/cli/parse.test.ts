import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { repeatableFlag, switchFlag, textFlag } from '../../lib/cli/flag.ts';
import { parseWords } from '../../lib/cli/parse.ts';
import { UsageError } from '../../lib/core/errors.ts';

const flags = {
  namespace: textFlag({ short: 'n', help: '' }),
  stableFor: textFlag({ help: '' }),
  v: textFlag({ short: 'v', help: '' }),
  watch: switchFlag({ short: 'w', help: '' }),
  asGroup: repeatableFlag({ help: '' }),
};

const parse = async (...words: string[]) => {
  const { words: rest, flags: given } = await parseWords(words, flags);
  return { words: rest, ...Object.fromEntries(given) };
};

const CASES: readonly [words: string[], parsed: Record<string, unknown>][] = [
  [['a', 'b'], { words: ['a', 'b'] }],
  [['a', '-n', 'x', 'b'], { words: ['a', 'b'], namespace: ['x'] }],
  [['--namespace', 'x'], { words: [], namespace: ['x'] }],
  [['--namespace=x=y'], { words: [], namespace: ['x=y'] }],
  [['-nx'], { words: [], namespace: ['x'] }],
  [['-n=x'], { words: [], namespace: ['x'] }],
  [['-v6'], { words: [], v: ['6'] }],
  [['-v', '6'], { words: [], v: ['6'] }],
  [['--v=6'], { words: [], v: ['6'] }],
  [['-w', 'a'], { words: ['a'], watch: ['true'] }],
  [['--watch', 'a'], { words: ['a'], watch: ['true'] }],
  [['--watch=false', 'a'], { words: ['a'], watch: ['false'] }],
  [['--as-group', 'a', '--as-group=b'], { words: [], 'as-group': ['a', 'b'] }],
  [['-n', 'a', '-n', 'b'], { words: [], namespace: ['a', 'b'] }],
  [['--namespace='], { words: [], namespace: [''] }],
  [['--stable-for', '1e3'], { words: [], 'stable-for': ['1e3'] }],
  [['--stable-for', '0x10', '007'], { words: ['007'], 'stable-for': ['0x10'] }],
  [['--stable-for', '-1'], { words: [], 'stable-for': ['-1'] }],
  [['0', '1.0', 'true', 'null'], { words: ['0', '1.0', 'true', 'null'] }],
  [['a', ''], { words: ['a', ''] }],
  [['-'], { words: ['-'] }],
  [['a', '--', '-n', '--watch', '0'], { words: ['a', '-n', '--watch', '0'] }],
  [['sts/nginx', '0-3,7'], { words: ['sts/nginx', '0-3,7'] }],
  [['--namespace', '中文'], { words: [], namespace: ['中文'] }],
  [['--namespace', 'a b'], { words: [], namespace: ['a b'] }],
];

describe('words and flags come out as the texts that were typed', () => {
  for (const [words, parsed] of CASES) {
    test(JSON.stringify(words), async () => assert.deepEqual(await parse(...words), parsed));
  }
});

const REFUSED: readonly [words: string[], says: RegExp][] = [
  [['--foo'], /^unknown flag: --foo$/],
  [['--foo=1'], /^unknown flag: --foo$/],
  [['--namespac', 'x'], /^unknown flag: --namespac; did you mean "--namespace"\?$/],
  [['--stableFor', '1'], /^unknown flag: --stableFor; did you mean "--stable-for"\?$/],
  [['--no-watch'], /^unknown flag: --no-watch/],
  [['--namespace.x=1'], /^unknown flag: --namespace\.x/],
  [['---'], /^unknown flag: ---/],
  [['-x'], /^unknown shorthand flag: 'x' in -x$/],
  [['-xn'], /^unknown shorthand flag: 'x' in -xn$/],
  [['-1'], /^unknown shorthand flag: '1' in -1$/],
  [['a', '-n'], /^flag needs an argument: 'n' in -n$/],
  [['--stable-for'], /^flag needs an argument: --stable-for$/],
  [['--stable-for', '--watch'], /^flag needs an argument: --stable-for$/],
  [['--namespace', '--', 'x'], /^flag needs an argument: --namespace$/],
];

describe('a word that cannot be a flag is refused, never swallowed', () => {
  for (const [words, says] of REFUSED) {
    test(JSON.stringify(words), async () => {
      await assert.rejects(parse(...words), (error) => {
        assert.ok(error instanceof UsageError, String(error));
        assert.match(error.message, says);
        return true;
      });
    });
  }
});
