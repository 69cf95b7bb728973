import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arranged, type CheckDetails, type CheckOfMany, fail, ok, warn } from '../../../lib/core/check/findings.ts';
import type { Outcome } from '../../../lib/core/outcome/outcome.ts';
import { kubectl, lines } from '../../../lib/core/values/command.ts';
import { paintFor } from '../../../lib/output/colour.ts';
import { findingsPrinter } from '../../../lib/output/results/findings-report.ts';
import { type OutputFormat, renderOutcome } from '../../../lib/output/results/print-outcome.ts';
import { printing } from './printing.ts';

const everyKind = arranged([
  ok('platform', 'clock', 'the clocks agree'),
  ok('workload', 'volumes', 'nothing is bound to a node'),
  warn('workload', 'pod-management', `podManagementPolicy is OrderedReady, ${'and so on '.repeat(12)}`.trim()),
  ok('workload', 'ordinals-start', 'ordinals start at 0'),
  fail('workload', 'on-delete', 'updateStrategy is RollingUpdate', kubectl('patch', 'statefulset', 'nginx', '-p', 'x')),
]);

const print = (format?: OutputFormat, colour = false, width?: number, details = everyKind) => {
  const outcome: Outcome<CheckDetails | CheckOfMany> = {
    verb: 'check',
    target: { namespace: 'prod', name: 'nginx' },
    dryRun: 'none',
    exitCode: 4,
    changed: false,
    results: [],
    refusals: [],
    message: '1 FAIL, 1 WARN, 3 OK',
    next: [],
    details,
  };
  return renderOutcome(outcome, printing({ format, width, paintOut: paintFor(colour) }, 'prod'), findingsPrinter);
};

test('findings are grouped, the worst first; the cure can be typed, and what is well is one line of names', async () => {
  const { stdout, stderr } = await print();
  assert.equal(
    stdout,
    [
      'workload',
      '  FAIL  on-delete: updateStrategy is RollingUpdate',
      '        cure: kubectl -n prod patch statefulset nginx -p x',
      '  WARN  pod-management: podManagementPolicy is OrderedReady, and so on and so on and so on and so on and so on',
      '        and so on and so on and so on and so on and so on and so on and so on',
      '  OK    volumes, ordinals-start',
      'platform',
      '  OK    clock',
      '',
    ].join('\n'),
  );
  assert.equal(stderr, 'error: 1 FAIL, 1 WARN, 3 OK\n');
});

test('the report goes to stdout even when something failed', async () => {
  assert.match((await print('wide')).stdout, /OK {4}clock: the clocks agree/);
});

test('-o json carries every finding with its group, rule, level and cure', async () => {
  const data = JSON.parse((await print('json')).stdout) as { details: typeof everyKind; exitCode: number };
  assert.equal(data.exitCode, 4);
  assert.deepEqual(data.details.counts, { OK: 3, WARN: 1, FAIL: 1 });
  assert.deepEqual(data.details.findings[0], {
    group: 'workload',
    rule: 'on-delete',
    level: 'FAIL',
    message: 'updateStrategy is RollingUpdate',
    cure: 'kubectl -n prod patch statefulset nginx -p x',
  });
});

test('levels are coloured on a terminal only', async () => {
  const ESC = String.fromCharCode(27);
  assert.ok((await print(undefined, true)).stdout.includes(`${ESC}[31mFAIL`));
  assert.ok(!(await print()).stdout.includes(ESC));
});

test('words are broken at the end of a narrow terminal, commands are not', async () => {
  const { stdout } = await print(undefined, false, 60);
  const lines = stdout.trimEnd().split('\n');
  assert.deepEqual(
    lines.filter((line) => line.length > 60 && !line.includes('kubectl')),
    [],
  );
  assert.match(stdout, /cure: kubectl -n prod patch statefulset nginx -p x/);
});

test('a cure of two commands is two lines that can be typed', async () => {
  const cure = lines(kubectl('get', 'node', 'a').note('is it there?'), kubectl('delete', 'pod', 'b'));
  const twice = arranged([warn('pods', 'not-terminating', 'b is terminating', cure)]);
  const { stdout } = await print(undefined, false, undefined, twice);
  assert.match(
    stdout,
    /^ {8}cure: kubectl -n prod get node a {3}# is it there\?\n {8}cure: kubectl -n prod delete pod b$/m,
  );
});

test('the cure of several findings in a row is shown once, below the last of them', async () => {
  const cure = kubectl('apply', '-f', 'rbac.yaml');
  const missing = (rule: string) => fail('cluster permissions', 'access', `you may not ${rule}`, cure);
  const other = warn('cluster permissions', 'access', 'you may not list nodes', kubectl('get', 'nodes'));
  const { stdout } = await print(undefined, false, undefined, arranged([missing('get'), missing('list'), other]));
  assert.deepEqual(stdout.split('\n').slice(1, 6), [
    '  FAIL  access: you may not get',
    '  FAIL  access: you may not list',
    '        cure: kubectl -n prod apply -f rbac.yaml',
    '  WARN  access: you may not list nodes',
    '        cure: kubectl -n prod get nodes',
  ]);
});
