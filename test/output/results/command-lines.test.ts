import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCommandLines } from '../../../lib/output/results/command-lines.ts';

test('a command to type next reaches the same cluster, namespace and Services', () => {
  const commands = createCommandLines('kubectl zeroloss', {
    connection: [
      ['--kubeconfig', "/tmp/my file's"],
      ['-n', 'prod'],
    ],
    own: [['--service', 'a,b']],
  });
  const flags = `--kubeconfig '/tmp/my file'\\''s' -n prod`;
  assert.equal(commands.own('restore nginx'), `kubectl zeroloss restore nginx ${flags} --service a,b`);
  assert.equal(commands.cure('kubectl get pods'), `kubectl ${flags} get pods`);
  assert.equal(
    commands.cure('kubectl zeroloss drain nginx 0   # goes on'),
    `kubectl zeroloss drain nginx 0 ${flags} --service a,b   # goes on`,
  );
  assert.equal(
    commands.cure('kubectl zeroloss a && kubectl zeroloss b'),
    `kubectl zeroloss a ${flags} --service a,b && kubectl zeroloss b ${flags} --service a,b`,
  );
  assert.equal(
    commands.cure(
      'to go on: the same command; to go back: kubectl zeroloss rollback a\nto see: kubectl zeroloss status a',
    ),
    ['to go on: the same command; to go back: ', 'to see: ']
      .map((purpose, index) => `${purpose}${commands.own(index === 0 ? 'rollback a' : 'status a')}`)
      .join('\n'),
  );
  assert.equal(commands.cure('turn it off in the console'), 'turn it off in the console');
});

const commands = createCommandLines('kubectl zeroloss', {
  connection: [
    ['--context', 'a'],
    ['--as', '-x'],
    ['--insecure-skip-tls-verify', undefined],
    ['-n', 'prod'],
  ],
  own: [['--region', 'r']],
});
const where = '--context a --as=-x --insecure-skip-tls-verify -n prod';

/** Every kind of text that the code makes: what it is for before the command, a sentence around it, a comment after it. */
for (const [text, shown] of [
  ['to see who you are: kubectl auth whoami', `to see who you are: kubectl ${where} auth whoami`],
  [
    'revisions: 1, 2; kubectl rollout history sts/a shows',
    `revisions: 1, 2; kubectl ${where} rollout history sts/a shows`,
  ],
  [
    'they stay; kubectl zeroloss restore a 0 gives them weight too',
    `they stay; kubectl zeroloss ${where} --region r restore a 0 gives them weight too`,
  ],
  ['kubectl describe pod a   # so may kubectl logs', `kubectl ${where} describe pod a   # so may kubectl logs`],
  [
    'ask with: kubectl auth can-i get pods -n shop',
    'ask with: kubectl --context a --as=-x --insecure-skip-tls-verify auth can-i get pods -n shop',
  ],
  [
    'to go back: kubectl zeroloss rollback a && kubectl zeroloss upgrade a   # the former image',
    `to go back: kubectl zeroloss rollback a ${where} --region r && kubectl zeroloss upgrade a ${where} --region r   # the former image`,
  ],
  ['stray: kubectl runs it in the place of this program', 'stray: kubectl runs it in the place of this program'],
] as const) {
  test(`"${text}" reaches the same cluster as the same user`, () => assert.equal(commands.cure(text), shown));
}

test('a name with a dollar sign stays as it is', () => {
  const dollars = createCommandLines('kubectl zeroloss', { connection: [['--user', "$& $' $1"]], own: [] });
  assert.equal(dollars.cure('kubectl get pods'), `kubectl --user '$& $'\\'' $1' get pods`);
  assert.equal(dollars.cure('see; kubectl get pods'), `see; kubectl --user '$& $'\\'' $1' get pods`);
});
