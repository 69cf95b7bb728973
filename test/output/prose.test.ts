import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { asciiStream } from '../../lib/output/ascii.ts';
import { paintFor } from '../../lib/output/colour.ts';
import { folded, unbroken, written } from '../../lib/output/prose.ts';
import { textWidth } from '../../lib/output/text-width.ts';

const COMMAND = 'kubectl zeroloss upgrade nginx --batch 2 -n prod';
const folds = (text: string, width: number, lines: readonly string[]): void =>
  assert.equal(folded(text, width), lines.join('\n'));
const stream = (more: object) => {
  const taken: string[] = [];
  return { taken, write: (text: string) => taken.push(text), ...more };
};

describe('prose on a terminal', () => {
  it('is broken between words, below the text of its label', () => {
    folds('error: the floor is 2 of 4 backends', 20, ['error: the floor is', '       2 of 4', '       backends']);
    folds('  floor: only 1 would keep serving', 20, ['  floor: only 1', '    would keep', '    serving']);
    folds('one line\nand another one', 10, ['one line', 'and', '  another', '  one']);
  });

  it('stays as it is where it fits, spaces and commands included', () => {
    folds(`hint: to go on:  ${unbroken('kubectl get pods')}   # lists`, 80, [
      'hint: to go on:  kubectl get pods   # lists',
    ]);
  });

  it('puts a command on a line of its own, whole, with its comment behind it or below it', () => {
    folds(`hint: run ${unbroken(COMMAND)}, then look again`, 60, [
      'hint: run',
      `      ${COMMAND},`,
      '      then look again',
    ]);
    folds(`hint: to go on: ${unbroken(COMMAND)}   # after the cause is gone`, 70, [
      `hint: to go on: ${COMMAND}`,
      '      # after the cause is gone',
    ]);
    folds(`hint: ${unbroken(COMMAND)}   # after the cause of it is gone`, 24, [
      'hint:',
      `  ${COMMAND}`,
      '      # after the cause',
      '      # of it is gone',
    ]);
  });

  it('keeps two commands together of which one follows the other', () => {
    const both = `${unbroken('kubectl zeroloss rollback nginx')} && ${unbroken('kubectl zeroloss upgrade nginx')}`;
    folds(`hint: to go back: ${both}`, 70, [
      'hint: to go back:',
      '  kubectl zeroloss rollback nginx && kubectl zeroloss upgrade nginx',
    ]);
  });

  it('ends a line before the three spaces that divide it, where its second half does not fit', () => {
    folds('[1/2] drained · healthy   3 of 6 updated, about 14s left', 40, [
      '[1/2] drained · healthy',
      '  3 of 6 updated, about 14s left',
    ]);
    folds('    to override it: --force   # cuts the one connection', 40, [
      '    to override it: --force',
      '      # cuts the one connection',
    ]);
  });

  it('keeps a longer word whole: an address is there to be copied', () => {
    folds('see https://example.com/a/very/long/path now', 20, [
      'see',
      '  https://example.com/a/very/long/path',
      '  now',
    ]);
  });

  it('counts two columns for a Chinese character, breaks between them, and begins no line with a comma', () => {
    folds('paused: 错误率太高，先停下来看看', 18, ['paused: 错误率太', '  高，先停下来看看']);
    folds('a 错误率太高，停', 13, ['a 错误率太', '  高，停']);
  });

  it('counts no column for a colour, and leaves its codes where they are', () => {
    const paint = paintFor(true);
    const text = `${paint.bad('error:')} one two three`;
    assert.equal(stripVTControlCharacters(folded(text, 14)), 'error: one two\n       three');
    const next = paint.dim(`next: ${unbroken(COMMAND)}`);
    assert.equal(folded(next, 50), `${next.replace(/ .*/s, '')}\n  ${COMMAND}\u001b[22m`);
  });

  it('has no line wider than the terminal but for a word or a command that is, and loses nothing', () => {
    const word = fc.stringMatching(/^[a-z中文，é:#]{1,12}$/);
    const piece = fc.oneof(word, fc.constant(unbroken(COMMAND)));
    const line = fc.array(piece, { minLength: 1, maxLength: 12 }).map((pieces) => pieces.join(' '));
    fc.assert(
      fc.property(fc.constantFrom('', '  ', 'hint: '), line, fc.integer({ min: 24, max: 90 }), (begin, text, width) => {
        const shown = folded(`${begin}${text}`, width);
        for (const each of shown.split('\n'))
          assert.ok(textWidth(each) <= width || each.includes(COMMAND), JSON.stringify(each));
        const bare = (lines: string) => lines.replaceAll(/[\s\ue000\ue001#]/g, '');
        assert.equal(bare(shown), bare(`${begin}${text}`));
        assert.equal(shown.split(COMMAND).length, `${begin}${text}`.split(COMMAND).length);
      }),
    );
  });
});

describe('prose on a stream', () => {
  const text = `hint: run ${unbroken(COMMAND)} or wait … until the load balancer shows the weight`;

  it('is not broken through a pipe', () =>
    assert.equal(written(stream({ columns: 20 }), text), text.replaceAll(/[\ue000\ue001]/g, '')));

  it('leaves the last column of a terminal free', () =>
    assert.equal(written(stream({ isTTY: true, columns: 11 }), 'five words'), 'five words'));

  it('counts the signs that an ASCII terminal gets', () => {
    const terminal = stream({ isTTY: true, columns: 15 });
    assert.equal(written(terminal, 'one two … four'), 'one two … four');
    const ascii = asciiStream(terminal);
    ascii.write(written(ascii, 'one two … four'));
    assert.deepEqual(terminal.taken, ['one two ...\n  four']);
  });
});
