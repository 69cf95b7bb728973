import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fittedLines, type TableColumn } from '../../lib/output/fit-columns.ts';
import { textWidth } from '../../lib/output/text-width.ts';

const COLUMNS: readonly TableColumn[] = [
  { header: 'POD', narrows: 'middle' },
  { header: 'WEIGHT' },
  { header: 'IMAGE', narrows: 'middle', gives: 2 },
  { header: 'AGE', gives: 1 },
  { header: 'WHAT', narrows: 'lines', gives: 3 },
];
const HEADERS = COLUMNS.map(({ header }) => header);
const LONG = 'gateway-frontend-production-blue-with-a-long-name-11';
const row = [
  LONG,
  '10',
  'images.example.com/team/gateway:1.25.4',
  '90s',
  'the batch has traffic again, the next is drained',
];

test('no line is wider than the terminal, for any cells and any terminal', () => {
  const cell = fc.oneof(fc.string({ maxLength: 60 }), fc.stringMatching(/^[a-z 中文é]{0,40}$/));
  const rows = fc.array(fc.array(cell, { minLength: 5, maxLength: 5 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 160 }), (cells, limit) => {
      for (const line of fittedLines(COLUMNS, [HEADERS, ...cells], limit)) assert.ok(textWidth(line) <= limit, line);
    }),
  );
});

test('a table that fits is left as it is', () => {
  const [line = ''] = fittedLines(COLUMNS, [row], 200);
  assert.equal(line, row.join('   '));
});

test('names lose their middle before a column goes, and keep the ordinal and the tag', () => {
  const [headers = '', line = ''] = fittedLines(COLUMNS, [HEADERS, row], 119);
  assert.deepEqual(headers.split(/ {3,}/), HEADERS);
  assert.match(line, /^gatewa\S*….*name-11 .*gateway:1\.25\.4 /);
});

test('the columns needed least go first, and those that are always needed never', () => {
  const headersAt = (limit: number) => (fittedLines(COLUMNS, [HEADERS, row], limit)[0] ?? '').split(/ {3,}/);
  assert.deepEqual(headersAt(79), ['POD', 'WEIGHT', 'IMAGE', 'WHAT']);
  assert.deepEqual(headersAt(60), ['POD', 'WEIGHT', 'WHAT']);
  assert.deepEqual(headersAt(40), ['POD', 'WEIGHT']);
});

test('prose is broken into lines beside its row, without losing a word', () => {
  const lines = fittedLines([{ header: 'STEP' }, { header: 'WHAT', narrows: 'lines' }], [['1', row[4] ?? '']], 30);
  assert.deepEqual(lines, ['1   the batch has traffic', '    again, the next is drained']);
});
