import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { systemErrorText } from '../../../lib/core/values/system-error.ts';

test('an error of the system is shown in words, without its code, its call and its path', () => {
  const thrownBy = (read: () => unknown): unknown => {
    try {
      return read();
    } catch (error) {
      return error;
    }
  };
  assert.equal(systemErrorText(thrownBy(() => readFileSync('/no/such/file'))), 'there is no such file or folder');
  assert.equal(systemErrorText(thrownBy(() => readFileSync('/'))), 'it is a folder, not a file');
});

test('every other error keeps its message', () => {
  assert.equal(systemErrorText(new Error('line 3 is bad')), 'line 3 is bad');
  assert.equal(systemErrorText(Object.assign(new Error('odd'), { code: 'EODD' })), 'odd');
  assert.equal(systemErrorText('text'), 'text');
});
