import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inAscii, takesUtf8 } from '../../lib/output/ascii.ts';

test('the first of LC_ALL, LC_CTYPE and LANG that is set decides, and none set is taken for UTF-8', () => {
  assert.equal(takesUtf8({}), true);
  assert.equal(takesUtf8({ LC_ALL: '', LANG: 'en_US.UTF-8' }), true);
  assert.equal(takesUtf8({ LANG: 'C.utf8' }), true);
  assert.equal(takesUtf8({ LC_ALL: 'C', LANG: 'en_US.UTF-8' }), false);
  assert.equal(takesUtf8({ LC_CTYPE: 'de_DE.ISO-8859-1' }), false);
});

test('in ASCII a cut name keeps its width, and our other signs have a likeness', () => {
  assert.equal(inAscii('gatewa…d-11  clb 12↑  10.0.0.1 ×3'), 'gatewa~d-11  clb 12^  10.0.0.1 x3');
  assert.equal(inAscii('drained · zero: nginx-0, nginx-1, …'), 'drained - zero: nginx-0, nginx-1, ...');
});

test('names from outside are left as they are', () => assert.equal(inAscii('服务 é'), '服务 é'));
