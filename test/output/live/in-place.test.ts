import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createInPlace } from '../../../lib/output/live/in-place.ts';

function terminal(columns = 80) {
  const stream = {
    isTTY: true,
    columns,
    written: '',
    write(text: string) {
      stream.written += text;
    },
  };
  return stream;
}

test('a block is drawn over the one before: up to its first line, and clear from there', () => {
  const stream = terminal();
  const block = createInPlace(stream);
  block.draw(['a', 'b', 'c']);
  block.draw(['d']);
  assert.equal(stream.written, 'a\nb\nc\r\u001b[2A\u001b[Jd');
});

test('after its end what follows stands below, and the next block is drawn over nothing', () => {
  const stream = terminal();
  const block = createInPlace(stream);
  block.draw(['a']);
  block.end();
  block.end();
  block.draw(['b']);
  assert.equal(stream.written, 'a\nb');
});

test('a terminal that became narrower has broken the lines: all of them are drawn over, colours not counted', () => {
  const stream = terminal();
  const block = createInPlace(stream);
  block.draw([`\u001b[32m${'x'.repeat(60)}\u001b[39m`, 'y']);
  stream.columns = 40;
  block.draw(['z']);
  assert.ok(stream.written.endsWith('\r\u001b[2A\u001b[Jz'));
});
