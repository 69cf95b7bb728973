import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonPatch } from '../../../../sandbox/semantics/patch/json-patch.ts';
import { PatchError } from '../../../../sandbox/semantics/patch/patch-error.ts';

const refusal = (httpStatus: number, reason: string) => (error: unknown) =>
  error instanceof PatchError && error.httpStatus === httpStatus && error.reason === reason;

test('each operation of RFC 6902 does what its appendix shows', () => {
  const cases: [unknown, unknown, unknown][] = [
    [{ foo: 'bar' }, [{ op: 'add', path: '/baz', value: 'qux' }], { baz: 'qux', foo: 'bar' }],
    [{ foo: ['bar', 'baz'] }, [{ op: 'add', path: '/foo/1', value: 'qux' }], { foo: ['bar', 'qux', 'baz'] }],
    [{ foo: ['bar'] }, [{ op: 'add', path: '/foo/-', value: ['abc'] }], { foo: ['bar', ['abc']] }],
    [{ baz: 'qux', foo: 'bar' }, [{ op: 'remove', path: '/baz' }], { foo: 'bar' }],
    [{ foo: ['bar', 'qux', 'baz'] }, [{ op: 'remove', path: '/foo/1' }], { foo: ['bar', 'baz'] }],
    [{ baz: 'qux' }, [{ op: 'replace', path: '/baz', value: 'boo' }], { baz: 'boo' }],
    [{ a: { b: 1 }, c: {} }, [{ op: 'move', from: '/a/b', path: '/c/d' }], { a: {}, c: { d: 1 } }],
    [{ foo: ['all', 'grass'] }, [{ op: 'move', from: '/foo/0', path: '/foo/1' }], { foo: ['grass', 'all'] }],
    [{ a: { b: 1 } }, [{ op: 'copy', from: '/a', path: '/c' }], { a: { b: 1 }, c: { b: 1 } }],
    [{ '/': 9, '~1': 10 }, [{ op: 'test', path: '/~01', value: 10 }], { '/': 9, '~1': 10 }],
    [{ 'x/y': 1 }, [{ op: 'replace', path: '/x~1y', value: 2 }], { 'x/y': 2 }],
    [{ a: null }, [{ op: 'test', path: '/a', value: null }], { a: null }],
    [{ a: 1 }, [{ op: 'replace', path: '', value: { b: 2 } }], { b: 2 }],
  ];
  for (const [document, operations, expected] of cases) {
    assert.deepEqual(jsonPatch(document, operations), expected);
  }
});

test('an index below 0 counts from the end of the list, as kube-apiserver takes it', () => {
  const list = ['a', 'b', 'c'];
  const cases: [object, unknown[]][] = [
    [{ op: 'replace', path: '/-1', value: 'x' }, ['a', 'b', 'x']],
    [{ op: 'replace', path: '/-3', value: 'x' }, ['x', 'b', 'c']],
    [{ op: 'remove', path: '/-2' }, ['a', 'c']],
    [{ op: 'add', path: '/-1', value: 'x' }, ['a', 'b', 'c', 'x']],
    [{ op: 'add', path: '/-4', value: 'x' }, ['x', 'a', 'b', 'c']],
    [{ op: 'move', from: '/-1', path: '/0' }, ['c', 'a', 'b']],
    [{ op: 'copy', from: '/-1', path: '/0' }, ['c', 'a', 'b', 'c']],
    [{ op: 'test', path: '/-1', value: 'c' }, ['a', 'b', 'c']],
    [{ op: 'replace', path: '/01', value: 'x' }, ['a', 'x', 'c']],
    [{ op: 'replace', path: '/-0', value: 'x' }, ['x', 'b', 'c']],
  ];
  for (const [operation, expected] of cases) {
    assert.deepEqual(jsonPatch(list, [operation]), expected, JSON.stringify(operation));
  }
  const pod = { spec: { containers: [{ name: 'a', image: 'a:1' }] } };
  const replace = { op: 'replace', path: '/spec/containers/-1/image', value: 'a:2' };
  assert.deepEqual(jsonPatch(pod, [replace]), { spec: { containers: [{ name: 'a', image: 'a:2' }] } });
});

test('a failed test refuses the whole patch with 422 and the generic words of a real server', () => {
  const document = { spec: { replicas: 3 } };
  const operations = [
    { op: 'replace', path: '/spec/replicas', value: 4 },
    { op: 'test', path: '/spec/replicas', value: 3 },
  ];
  assert.throws(
    () => jsonPatch(document, operations),
    new PatchError(422, 'Invalid', 'the server rejected our request due to an error in our request'),
  );
  assert.deepEqual(document, { spec: { replicas: 3 } });
});

test('an operation that cannot be carried out is 422', () => {
  const operations = [
    { op: 'remove', path: '/missing' },
    { op: 'replace', path: '/missing', value: 1 },
    { op: 'add', path: '/missing/deeper', value: 1 },
    { op: 'add', path: '/list/4', value: 1 },
    { op: 'add', path: '/list/-4', value: 1 },
    { op: 'replace', path: '/list/-3', value: 1 },
    { op: 'remove', path: '/list/1.0' },
    { op: 'remove', path: '/list/-' },
    { op: 'add', path: '/a' },
    { op: 'move', from: '/a', path: '/a/b' },
    { op: 'test', path: '/a', value: '1' },
    { op: 'frobnicate', path: '/a' },
    { path: '/a' },
    { op: 'remove', path: 'a' },
    { op: 'remove', path: '/__proto__' },
  ];
  for (const operation of operations) {
    assert.throws(() => jsonPatch({ a: { c: 1 }, list: [1, 2] }, [operation]), refusal(422, 'Invalid'));
  }
});

test('a body that is not a list of operations is 400', () => {
  for (const body of [{}, 'x', null, [1], [null]]) {
    assert.throws(() => jsonPatch({}, body), refusal(400, 'BadRequest'));
  }
});

test('more than ten thousand operations are 413', () => {
  const operations = Array.from({ length: 10_001 }, () => ({ op: 'test', path: '', value: {} }));
  assert.throws(() => jsonPatch({}, operations), refusal(413, 'RequestEntityTooLarge'));
});
