import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arranged, type CheckedTarget, fail, ok } from '../../../lib/core/check/findings.ts';
import { renderChecked } from '../../../lib/output/results/checked-table.ts';
import { rowsOf } from '../../../lib/output/status/status-printer.ts';

const LONG = 'a-gateway-with-a-name-that-takes-most-of-a-line-0123456789';
const checked = (name: string, namespace: string, context: string, failed = false): CheckedTarget => ({
  ...{ name, namespace, context, exitCode: failed ? 4 : 0, message: '' },
  ...arranged([failed ? fail('workload', 'on-delete', 'no') : ok('workload', 'on-delete', 'yes')]),
});
const targets = [checked('nginx', 'prod', 'north'), checked(LONG, 'a-long-namespace-for-the-blue-team', 'south', true)];

test('the table has the columns that tell its targets apart, and no others', async () => {
  const one = await renderChecked({ version: 1, targets }, { context: false, namespace: false }, undefined);
  assert.match(one, /^TARGET +FAIL +WARN +OK +RULES\n/);
  const both = await renderChecked({ version: 1, targets }, { context: true, namespace: true }, undefined);
  assert.match(both, /^CONTEXT +NAMESPACE +TARGET /);
  assert.ok(both.includes(`statefulset/${LONG}   1      0      0    on-delete`), 'through a pipe nothing is cut');
});

test('on a terminal of 80 or 120 columns it fits, and names lose their middle', async () => {
  for (const width of [80, 120]) {
    const text = await renderChecked({ version: 1, targets }, { context: true, namespace: true }, width);
    for (const line of text.trimEnd().split('\n')) assert.ok(line.length <= width, `${width}: ${line}`);
    assert.match(text, /north .*statefulset\/nginx +0 /);
    assert.match(text, /…/);
    assert.match(text, /on-delete/);
  }
});

test('a context in which nothing could be looked for has a line of its own', async () => {
  const details = { version: 1 as const, targets, unreached: [{ context: 'gone', message: 'refused' }] };
  const text = await renderChecked(details, { context: true, namespace: false }, undefined);
  assert.match(text, /^gone +<unknown> +- +- +- +not-checked$/m);
});

test('rows of pods have the parts of their place that differ', () => {
  const row = { pod: 'nginx-0' } as never;
  const of = (namespace: string, context: string) => ({ name: 'nginx', namespace, context, rows: [row] }) as never;
  assert.deepEqual(rowsOf({ targets: [of('a', 'x'), of('b', 'x')] }), [
    { pod: 'nginx-0', namespace: 'a' },
    { pod: 'nginx-0', namespace: 'b' },
  ]);
  assert.deepEqual(rowsOf({ targets: [of('a', 'x')], unreached: [{ context: 'gone', message: '' }] }), [
    { pod: 'nginx-0', context: 'x' },
  ]);
});
