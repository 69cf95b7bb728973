import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commands } from '../../cmd/commands.ts';
import { flagName } from '../../lib/cli/arguments.ts';
import { CARRIED, carriedTo } from '../../lib/cli/carried.ts';
import { loadCommand } from '../../lib/cli/define-command.ts';
import { own } from '../../lib/core/values/command.ts';
import { createCommandLines } from '../../lib/output/results/command-lines.ts';

const upgrade = new Map([
  ['image', ['nginx=nginx:2', 'log=log:3']],
  ['batch', ['4']],
  ['min-serving', ['2']],
  ['source', ['clb,pod']],
  ['ignore-port', ['metrics']],
  ['allow-alone', ['nginx-0']],
  ['ignore-ingress', ['true']],
  ['force', ['true']],
  ['timeout', ['5m']],
]);
const lines = createCommandLines('kubectl zeroloss', {
  connection: [['-n', 'prod']],
  own: [['--service', 'nginx']],
  carried: carriedTo(upgrade),
});

test('a command to type next carries the flags of this run that it takes', () => {
  const drain = '--min-serving 2 --allow-alone nginx-0 --ignore-ingress';
  const zero = '--source clb,pod --ignore-port metrics';
  for (const [command, flags] of [
    ['wait-zero nginx', ` ${zero}`],
    ['advance nginx', ` --batch 4 ${drain}`],
    ['plan nginx', ` --batch 4 --image nginx=nginx:2 --image log=log:3 ${drain} ${zero}`],
    ['status nginx', ''],
    ['resume nginx', ''],
  ])
    assert.equal(
      lines.render(own(...(command ?? '').split(' '))),
      `kubectl zeroloss ${command} -n prod --service nginx${flags}`,
    );
});

test('the way back never carries the image that it goes back from', () => {
  assert.doesNotMatch(lines.render(own('upgrade', 'nginx')), /--image/);
  assert.match(lines.render(own('upgrade', 'nginx')), / --batch 4 /);
});

test('a flag that the command has already is not given twice', () => {
  assert.doesNotMatch(lines.render(own('wait-zero', 'nginx', '--source', 'clb')), /--source.*--source/);
  assert.match(lines.render(own('drain', 'nginx', '0', '--allow-alone', 'a')), /--allow-alone a .*--ignore-ingress$/);
});

test('a permit for a single act is not carried, and neither is the time-out', () => {
  assert.doesNotMatch(lines.render(own('recreate', 'nginx')), /--force|--timeout/);
});

test('gates are carried to a canary, not to a restore that would refuse them', () => {
  const carried = carriedTo(new Map([['gate-command', ['./ok']]]));
  assert.deepEqual(carried(['restore', 'nginx']), []);
  assert.deepEqual(carried(['restore', 'nginx', '0', '--weight', '5']), [['--gate-command', './ok']]);
});

test('how to count is carried to a restore that scales a surplus away, not to one that gives weights back alone', () => {
  const carried = carriedTo(new Map([['stable-for', ['3s']]]));
  assert.deepEqual(carried(['restore', 'nginx']), [['--stable-for', '3s']]);
  assert.deepEqual(carried(['restore', 'nginx', '--weights-only']), []);
});

test('the flags of a Job are carried to a plan that prints one or a Workflow, and to no other', () => {
  const carried = carriedTo(
    new Map([
      ['job-image', ['zeroloss:v1']],
      ['evict', ['true']],
    ]),
  );
  assert.deepEqual(carried(['plan', 'nginx', '-o', 'sh']), []);
  for (const format of ['job', 'argo'])
    assert.deepEqual(carried(['plan', 'nginx', '-o', format]), [
      ['--job-image', 'zeroloss:v1'],
      ['--evict', undefined],
    ]);
});

test('a password in the URL of Prometheus stays behind', () => {
  const [written] = carriedTo(new Map([['prometheus', ['http://me:secret@prometheus:9090']]]))(['verify', 'nginx']);
  assert.doesNotMatch(written?.[1] ?? 'secret', /secret/);
});

test('every verb to which a flag is carried takes that flag', async () => {
  for (const [flag, verbs] of Object.entries(CARRIED)) {
    for (const verb of verbs) {
      const entry = commands.find(({ name }) => name === verb);
      assert.ok(entry, verb);
      const { flags } = await loadCommand(entry);
      assert.ok(Object.keys(flags).map(flagName).includes(flag), `${verb} --${flag}`);
    }
  }
});
