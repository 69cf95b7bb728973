import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PatchError } from '../../../../sandbox/semantics/patch/patch-error.ts';
import { parseLabelSelector } from '../../../../sandbox/semantics/select/selectors.ts';

const labels = { app: 'nginx', tier: 'edge', empty: '', weight: '10', 'example.com/role': 'gateway' };

test('a label selector keeps what its requirements ask for', () => {
  for (const text of [
    '',
    '  ',
    'app=nginx',
    'app==nginx',
    'app = nginx , tier = edge',
    'app!=apache',
    'missing!=x',
    'app in (nginx, apache)',
    'app notin (apache)',
    'missing notin (x)',
    'app',
    '!missing',
    'empty=',
    'empty in (,x)',
    'weight>9',
    'weight<11',
    'example.com/role=gateway,app',
  ]) {
    assert.equal(parseLabelSelector(text)(labels), true, text);
  }
});

test('a label selector leaves out what misses one requirement', () => {
  for (const text of [
    'app=apache',
    'app=nginx,tier=core',
    'app!=nginx',
    'app in (apache)',
    'missing in (x)',
    'app notin (nginx)',
    'missing',
    '!app',
    'weight>10',
    'app>1',
    'missing<1',
    'constructor',
    'toString!=x,app=y',
  ]) {
    assert.equal(parseLabelSelector(text)(labels), false, text);
  }
});

test('a malformed label selector is refused with 400', () => {
  for (const text of [
    '=x',
    'app=nginx,',
    ',app',
    'app nginx',
    'app in nginx',
    'app in (nginx',
    'app=a=b',
    'app=(x)',
    '!',
    'a/b/c=d',
    'app=-x',
    'app>x',
    'UPPER.com/x=y',
    `app=${'x'.repeat(64)}`,
  ]) {
    assert.throws(
      () => parseLabelSelector(text),
      (error: unknown) => error instanceof PatchError && error.httpStatus === 400 && error.reason === 'BadRequest',
      text,
    );
  }
});
