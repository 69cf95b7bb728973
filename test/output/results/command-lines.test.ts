import assert from 'node:assert/strict';
import { test } from 'node:test';
import { advice, kubectl, lines, own, withFlags } from '../../../lib/core/values/command.ts';
import { createCommandLines } from '../../../lib/output/results/command-lines.ts';

test('a command to type next reaches the same cluster, namespace and Services', () => {
  test('a command that is to leave a flag out gets it from no part of this run', () => {
    const { render } = createCommandLines('kubectl zeroloss', {
      connection: [['--context', 'a']],
      own: [
        ['--service', 'web'],
        ['--region', 'r'],
      ],
      carried: () => [['--batch', '2']],
    });
    assert.equal(
      render(own('drain', 'a', '1').without('--service').note('on every Service')),
      'kubectl zeroloss drain a 1 --context a --region r --batch 2   # on every Service',
    );
    assert.equal(
      render(own('plan', 'a').without('--context', '--batch')),
      'kubectl zeroloss plan a --service web --region r',
    );
  });

  const commands = createCommandLines('kubectl zeroloss', {
    connection: [
      ['--kubeconfig', "/tmp/my file's"],
      ['-n', 'prod'],
    ],
    own: [['--service', 'a,b']],
  });
  const flags = `--kubeconfig '/tmp/my file'\\''s' -n prod`;
  assert.equal(commands.render(own('restore', 'nginx')), `kubectl zeroloss restore nginx ${flags} --service a,b`);
  assert.equal(commands.render(kubectl('get', 'pods')), `kubectl ${flags} get pods`);
  assert.equal(
    commands.render(own('drain', 'nginx', '0').note('goes on')),
    `kubectl zeroloss drain nginx 0 ${flags} --service a,b   # goes on`,
  );
  assert.equal(
    commands.render(advice`${own('a')} && ${own('b')}`),
    `kubectl zeroloss a ${flags} --service a,b && kubectl zeroloss b ${flags} --service a,b`,
  );
  assert.equal(
    commands.render(
      lines(
        advice`to go on: the same command; to go back: ${own('rollback', 'a')}`,
        advice`to see: ${own('status', 'a')}`,
      ),
    ),
    ['to go on: the same command; to go back: ', 'to see: ']
      .map((purpose, index) => `${purpose}${commands.render(own(index === 0 ? 'rollback' : 'status', 'a'))}`)
      .join('\n'),
  );
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

/** Every kind of advice that the code makes: what it is for before the command, a sentence around it, a comment after it. */
for (const [given, shown] of [
  [advice`to see who you are: ${kubectl('auth', 'whoami')}`, `to see who you are: kubectl ${where} auth whoami`],
  [
    advice`they stay; ${own('restore', 'a', '0')} gives them weight too`,
    `they stay; kubectl zeroloss restore a 0 ${where} --region r gives them weight too`,
  ],
  [
    kubectl('describe', 'pod', 'a').note('so may kubectl logs'),
    `kubectl ${where} describe pod a   # so may kubectl logs`,
  ],
  [
    kubectl('auth', 'can-i', 'get', 'pods', '-n', 'shop'),
    'kubectl --context a --as=-x --insecure-skip-tls-verify auth can-i get pods -n shop',
  ],
  [
    advice`to go back: ${own('rollback', 'a')} && ${own('upgrade', 'a').note('the former image')}`,
    `to go back: kubectl zeroloss rollback a ${where} --region r && kubectl zeroloss upgrade a ${where} --region r   # the former image`,
  ],
  [kubectl('patch', 'sts', 'a', '-p', '{"a b":1}'), `kubectl ${where} patch sts a -p '{"a b":1}'`],
] as const)
  test(`"${given}" reaches the same cluster as the same user`, () => assert.equal(commands.render(given), shown));

test('no command is looked for in a text: words that look like one stay as they are', () => {
  for (const text of ['kubectl get pods', 'to go back: kubectl zeroloss rollback a', 'stray: kubectl runs it'])
    assert.equal(commands.render(text), text);
});

test('a name with a dollar sign stays as it is', () => {
  const dollars = createCommandLines('kubectl zeroloss', { connection: [['--user', "$& $' $1"]], own: [] });
  assert.equal(dollars.render(kubectl('get', 'pods')), `kubectl --user '$& $'\\'' $1' get pods`);
});

test('a command for an administrator reaches the same cluster, as another user', () => {
  const asBob = createCommandLines('kubectl zeroloss', {
    connection: [
      ['--context', 'a'],
      ['--as', 'bob'],
      ['--as-group', 'dev'],
      ['-n', 'prod'],
    ],
    own: [],
  });
  const apply = kubectl('apply', '-n', 'shop', '-f', 'rbac.yaml');
  assert.equal(asBob.render(apply.byAdministrator()), 'kubectl --context a apply -n shop -f rbac.yaml');
  assert.equal(
    asBob.render(apply.byAdministrator().note('once')),
    'kubectl --context a apply -n shop -f rbac.yaml   # once',
  );
  assert.equal(asBob.render(apply), 'kubectl --context a --as bob --as-group dev apply -n shop -f rbac.yaml');
});

test('a command that names its own namespace keeps it where several places are looked at', () => {
  const apply = kubectl('apply', '-n', 'shop', '-f', 'rbac.yaml');
  assert.equal(
    String(withFlags(apply, ['-n', 'shop', '--context', 'b'])),
    'kubectl --context b apply -n shop -f rbac.yaml',
  );
});
