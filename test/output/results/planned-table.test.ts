import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PlannedTarget } from '../../../lib/core/plan/plan-of-many.ts';
import { own } from '../../../lib/core/values/command.ts';
import { createCommandLines } from '../../../lib/output/results/command-lines.ts';
import { plansData, renderPlans } from '../../../lib/output/results/planned-table.ts';

const LONG = 'a-gateway-with-a-name-that-takes-most-of-a-line-0123456789';
const planned = (name: string, more: Partial<PlannedTarget> = {}): PlannedTarget => ({
  ...{ name, namespace: 'prod', context: 'north', exitCode: 0, refusals: [] },
  ...{ version: 1, target: { namespace: 'prod', name }, images: {}, surplus: [] },
  ...{ batches: [[0, 1], [2]], leastMs: 34_200, connections: 12 },
  steps: [
    { batch: 1, tool: 'zeroloss', words: ['drain', name, '0,1'], touches: ['service/a'], ordinals: [0, 1], look: 'x' },
  ],
  ...more,
});
const refused = [
  { rule: 'floor', message: 'too few', cure: own('plan', 'web', '--batch', '1') },
  { rule: 'floor', message: 'too few there' },
  { rule: 'ingress', message: 'an Ingress' },
];
const targets: PlannedTarget[] = [
  planned('nginx'),
  planned(LONG, { namespace: 'a-long-namespace-for-the-blue-team', refusals: refused, connections: null }),
  planned('web', { window: { maxUnavailable: 4, startsTogether: 1 } }),
  planned('calm', { batches: [], steps: [], leastMs: 0, connections: 0 }),
  { name: 'nosuch', namespace: 'prod', context: 'north', exitCode: 1, refusals: [], error: 'not found' },
];
const plain = { wide: false, headers: true, width: undefined };

test('a plan of several is a line each: batches or window, pods, least time, connections and the first refusal', async () => {
  const lines = (await renderPlans({ version: 1, targets }, plain)).trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => line.split(/ {2,}/).slice(1)),
    [
      ['TARGET', 'BATCHES', 'PODS', 'TAKES', 'CONNECTIONS', 'FIRST REFUSAL'],
      ['statefulset/nginx', '2', '3', '35s or more', '12', '<none>'],
      [`statefulset/${LONG}`, '2', '3', '35s or more', '<unknown>', 'floor and 1 more'],
      ['statefulset/web', 'window of 4', '3', '35s or more', '12', '<none>'],
      ['statefulset/calm', '0', '0', '<none>', '<none>', '<none>'],
      ['statefulset/nosuch', '-', '-', '-', '-', 'not-planned'],
    ],
  );
  assert.match(lines[0] ?? '', /^NAMESPACE +TARGET/);
  assert.doesNotMatch(await renderPlans({ version: 1, targets }, { ...plain, headers: false }), /TARGET/);
  assert.match(await renderPlans({ version: 1, targets: targets.slice(0, 1) }, plain), /^TARGET /);
});

test('a plan whose rules are not all checked shows no <none> under FIRST REFUSAL', async () => {
  const unchecked = { notChecked: ['the load balancer cannot be asked'] };
  const rows = [planned('nginx', unchecked), planned('web', { ...unchecked, refusals: refused })];
  const text = await renderPlans({ version: 1, targets: rows }, plain);
  assert.match(text, /^statefulset\/nginx .* not-checked$/m);
  assert.match(text, /^statefulset\/web .* floor and 1 more$/m);
});

test('a context in which nothing could be looked for has a line of its own', async () => {
  const text = await renderPlans({ version: 1, targets, unreached: [{ context: 'gone', message: 'no' }] }, plain);
  assert.match(text, /^CONTEXT +NAMESPACE +TARGET /);
  assert.match(text, /^gone +<unknown> +<unknown> +- +- +- +- +not-planned$/m);
});

test('on a terminal of 80 or 120 columns the plans of several fit, and names lose their middle', async () => {
  for (const width of [80, 120]) {
    const text = await renderPlans({ version: 1, targets }, { ...plain, width });
    for (const line of text.trimEnd().split('\n')) assert.ok(line.length <= width, `${width}: ${line}`);
    assert.match(text, /…/);
    assert.match(text, /floor and/);
  }
});

test('-o wide has the steps of each plan below the table, under its name and its sum', async () => {
  const text = await renderPlans({ version: 1, targets }, { ...plain, wide: true, width: 80 });
  assert.match(
    text,
    /\n\nprod\/statefulset\/nginx: 2 batches, 1 step; 35s or more, 12 conn.*\n\nSTEP +COMMAND.*\n1 +kubectl/,
  );
  assert.match(text, /\nprod\/statefulset\/calm: nothing to do: every pod is updated\n/);
  assert.doesNotMatch(text, /statefulset\/nosuch:/);
});

test('-o json has the refusals of each, with cures that can be typed', () => {
  const commands = createCommandLines('kubectl zeroloss', { connection: [['-n', 'prod']], own: [] });
  const data = JSON.parse(JSON.stringify(plansData({ version: 1, targets }, commands)));
  assert.equal(data.targets[1].refusals[0].cure, 'kubectl zeroloss plan web --batch 1 -n prod');
  assert.deepEqual(data.targets[0].batches, [[0, 1], [2]]);
  assert.equal(data.targets[4].error, 'not found');
});
