import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderTable } from '../../lib/output/table.ts';

const HEAD = ['POD', 'WEIGHT', 'NOTE'];
const ROWS = [
  ['nginx-0', '10', ''],
  ['nginx-10', '<unknown>', 'a b'],
];

test('plain rows look the same whether or not another row needs the width of Chinese text', async () => {
  const plain = await renderTable(HEAD, ROWS, { headers: true });
  const mixed = await renderTable(HEAD, [...ROWS, ['nginx-2', '0', '中文']], { headers: true });
  assert.equal(plain, mixed.split('\n').slice(0, 3).join('\n').concat('\n'));
  assert.equal(plain, 'POD        WEIGHT      NOTE\nnginx-0    10\nnginx-10   <unknown>   a b\n');
});
