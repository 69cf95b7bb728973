import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  ConnectionError,
  DisagreesError,
  NotYetError,
  RefusedError,
  StatusError,
  UsageError,
} from '../../../lib/core/errors.ts';
import { PodsDisagreeError } from '../../../lib/core/outcome/pods-disagree.ts';
import { kubectl } from '../../../lib/core/values/command.ts';
import { paintFor } from '../../../lib/output/colour.ts';
import { createCommandLines } from '../../../lib/output/results/command-lines.ts';
import { failureData, renderFailure } from '../../../lib/output/results/failure-text.ts';

const commands = createCommandLines('kubectl zeroloss', { connection: [['-n', 'prod']], own: [] });

const render = (error: unknown, verbosity = 0, coloured = false) =>
  renderFailure(error, { paint: paintFor(coloured), commands, helpFor: 'kubectl zeroloss drain', verbosity });

describe('an error is introduced once, in the manner of kubectl', () => {
  const cases: [Error, string][] = [
    [new StatusError(404, 'NotFound', 'pods "x" not found'), 'Error from server (NotFound): pods "x" not found\n'],
    [new ConnectionError('Unable to connect to the server: EOF'), 'Unable to connect to the server: EOF\n'],
    [
      new ConnectionError('The connection to the server h:1 was refused'),
      'The connection to the server h:1 was refused\n',
    ],
    [new ConnectionError('Error in configuration: no'), 'Error in configuration: no\n'],
    [new ConnectionError('error: no cluster'), 'error: no cluster\n'],
    [new NotYetError('two connections left', 'run it again'), 'error: two connections left\nhint: run it again\n'],
  ];
  for (const [error, text] of cases) test(text.trimEnd(), () => assert.equal(render(error), text));
});

test('only a usage error points at the help', () => {
  assert.match(render(new UsageError('x')), /^error: x\nSee 'kubectl zeroloss drain --help' for usage\.\n$/);
  assert.doesNotMatch(render(new NotYetError('x')), /--help/);
});

const refused = new RefusedError([
  { rule: 'floor', message: 'TCP/80: only 1 would serve', override: '--min-serving' },
  { rule: 'floor', message: 'TCP/8080: only 1 would serve', override: '--min-serving' },
  { rule: 'on-delete', message: 'updateStrategy is RollingUpdate', cure: kubectl('patch', 'sts', 'nginx', '-p', '{}') },
]);

test('refusals are grouped by rule, each with its cure or override', () => {
  assert.equal(
    render(refused),
    [
      'error: refused by 2 safety rules, nothing was written',
      '  floor: TCP/80: only 1 would serve',
      '  floor: TCP/8080: only 1 would serve',
      '    to override it: --min-serving',
      '  on-delete: updateStrategy is RollingUpdate',
      "    to fix it: kubectl -n prod patch sts nginx -p '{}'",
      '',
    ].join('\n'),
  );
});

test('a refusal after earlier writes says that they stay', () => {
  const text = renderFailure(refused, {
    paint: paintFor(false),
    commands,
    helpFor: undefined,
    verbosity: 0,
    wrote: true,
  });
  assert.match(text, /^error: refused by 2 safety rules, nothing more was written\n/);
  assert.equal((failureData(refused, {}, commands, true) as { changed?: boolean }).changed, true);
});

test('a failure as data carries code, error, refusals and hint, and says that nothing was written where that is sure', () => {
  const data = JSON.parse(JSON.stringify(failureData(refused, { verb: 'drain' }, commands))) as Record<string, unknown>;
  assert.equal(data['exitCode'], 4);
  assert.equal(data['changed'], false);
  assert.equal((data['refusals'] as unknown[]).length, 3);
  const late = JSON.parse(JSON.stringify(failureData(new NotYetError('late', 'again'), {}, commands))) as object;
  assert.deepEqual(late, {
    apiVersion: 'zeroloss/v1',
    kind: 'Outcome',
    exitCode: 6,
    results: [],
    error: 'late',
    refusals: [],
    hint: 'again',
    next: [],
  });
});

test('the findings of a verb until then go with the failure, as details', () => {
  const data = failureData(new NotYetError('late', undefined, { rows: [1] }), {}, commands);
  assert.deepEqual((data as { details?: unknown }).details, { rows: [1] });
});

test('an unexpected error is one line and a hint, and shows its stack from -v 1 on', () => {
  const error = new TypeError('x is not a function', { cause: new Error('below') });
  assert.match(render(error), /^error: x is not a function\nhint: .*-v 1.*\n$/);
  assert.match(render(error, 1), /\n {4}at .*failure-text\.test/);
  assert.match(render(error, 1), /caused by: below/);
});

test('only the word error is coloured, so that messages stay easy to copy', () => {
  assert.equal(render(new NotYetError('late'), 0, true), '\u001b[31merror:\u001b[39m late\n');
});

test('a reason says for people what did not follow, and is the same for scripts', () => {
  assert.equal(
    render(new PodsDisagreeError('pod/nginx-0 does not start: CrashLoopBackOff')),
    'error: pod/nginx-0 does not start: CrashLoopBackOff\nreason: the world disagrees: the pods did not follow\n',
  );
  assert.match(render(new DisagreesError('the weights differ')), /^reason: the world disagrees$/m);
  for (const error of [new PodsDisagreeError('a'), new DisagreesError('b')]) {
    const { reason } = failureData(error, {}, commands) as { reason: string };
    assert.equal(reason, 'the world disagrees');
  }
});
