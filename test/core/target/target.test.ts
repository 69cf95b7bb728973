import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { UsageError } from '../../../lib/core/errors.ts';
import { parseCheckTarget, parseTarget, takeCheckWords, takeTargetWords } from '../../../lib/core/target/target.ts';

const FORMS = [
  ['nginx'],
  ['sts/nginx'],
  ['statefulset/nginx'],
  ['statefulsets/nginx'],
  ['statefulset.apps/nginx'],
  ['statefulsets.apps/nginx'],
  ['statefulsets.v1.apps/nginx'],
  ['STS/nginx'],
  ['sts', 'nginx'],
  ['statefulset', 'nginx'],
];

describe('every form that kubectl takes names the same StatefulSet', () => {
  for (const words of FORMS) test(words.join(' '), () => assert.deepEqual(parseTarget(words), { name: 'nginx' }));
});

test('names with dots, digits and dashes are names', () => {
  for (const name of ['web-2', 'a', '0', 'gw.prod', 'a'.repeat(253)]) assert.deepEqual(parseTarget([name]), { name });
});

const BAD: readonly [words: string[], says: RegExp][] = [
  [[''], /"" is not a valid name/],
  [['sts/'], /"" is not a valid name/],
  [['/nginx'], /"" is not a type/],
  [['deployment/nginx'], /"deployment" is not a type/],
  [['deployments.apps/nginx'], /"deployments\.apps" is not a type/],
  [['statefulsets.extensions/nginx'], /is not a type/],
  [['sts/nginx/0'], /"sts\/nginx\/0" is not a target/],
  [['sts'], /"sts" is a type; the name of a StatefulSet is missing/],
  [['Nginx'], /"Nginx" is not a valid name/],
  [['nginx_1'], /is not a valid name/],
  [['-nginx'], /is not a valid name/],
  [['nginx-'], /is not a valid name/],
  [['nginx..a'], /is not a valid name/],
  [['a'.repeat(254)], /is not a valid name/],
  [['nginx,apache'], /is not a valid name/],
  [['nginx\n'], /is not a valid name/],
];

describe('a word that is no target is refused, with the accepted forms', () => {
  for (const [words, says] of BAD) {
    test(JSON.stringify(words), () => {
      assert.throws(
        () => parseTarget(words),
        (error) => {
          assert.ok(error instanceof UsageError);
          assert.match(error.message, says);
          assert.match(error.hint ?? '', /nginx, sts\/nginx or statefulset\/nginx/);
          return true;
        },
      );
    });
  }
});

test('a type takes the word after it as its name; a name does not', () => {
  assert.deepEqual(takeTargetWords(['sts', 'nginx', '0']), { target: ['sts', 'nginx'], rest: ['0'] });
  assert.deepEqual(takeTargetWords(['sts/nginx', '0']), { target: ['sts/nginx'], rest: ['0'] });
  assert.deepEqual(takeTargetWords(['nginx', '0']), { target: ['nginx'], rest: ['0'] });
  assert.deepEqual(takeTargetWords([]), { target: [], rest: [] });
});

test('another type before a name is refused, but a StatefulSet may be called like a type', () => {
  assert.throws(() => takeTargetWords(['deploy', 'nginx', '0']), /"deploy" is not a type this command works on/);
  for (const type of ['asts', 'statefulset.apps.kruise.io', 'gameserverset'])
    assert.throws(() => takeTargetWords([type, 'gateway', '0-3']), /is not a type this command works on/);
  assert.deepEqual(takeTargetWords(['one', 'two', 'three']).rest, ['two', 'three']);
  assert.deepEqual(takeTargetWords(['jobs', '0,1']), { target: ['jobs'], rest: ['0,1'] });
  assert.deepEqual(takeTargetWords(['jobs', 'jobs-0']), { target: ['jobs'], rest: ['jobs-0'] });
  assert.deepEqual(parseTarget(['sts/sts']), { name: 'sts' });
});

test('check takes a Deployment in every form that kubectl takes, and a StatefulSet as every verb does', () => {
  for (const words of [
    ['deployment/web'],
    ['deploy/web'],
    ['deployments.apps/web'],
    ['DEPLOY/web'],
    ['deployment', 'web'],
  ])
    assert.deepEqual(parseCheckTarget(words), { name: 'web', kind: 'deployment' }, words.join(' '));
  for (const words of FORMS) assert.deepEqual(parseCheckTarget(words), { name: 'nginx' });
  assert.deepEqual(takeCheckWords(['deploy', 'web', 'api']), { target: ['deploy', 'web'], rest: ['api'] });
  assert.deepEqual(takeCheckWords(['deploy/web', 'nginx']), { target: ['deploy/web'], rest: ['nginx'] });
  assert.deepEqual(takeCheckWords(['sts', 'nginx', 'web']), { target: ['sts', 'nginx'], rest: ['web'] });
  assert.deepEqual(parseCheckTarget(['sts/deployment']), { name: 'deployment' });
  for (const [words, says] of [
    [['deployment'], /"deployment" is a type; the name of a Deployment is missing/],
    [['deployment/'], /the name of a Deployment is missing/],
    [['deployment/a/b'], /"deployment\/a\/b" is not a target/],
    [['deployment/Web'], /"Web" is not a valid name/],
    [['pod/web'], /"pod" is not a type/],
  ] as const)
    assert.throws(() => parseCheckTarget(words), says);
});
