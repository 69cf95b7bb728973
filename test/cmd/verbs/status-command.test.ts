import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOTHING_SEEN } from '../../../lib/core/status/status-view.ts';
import { advice, lines, own } from '../../../lib/core/values/command.ts';
import { outcomeOf, runLine } from '../harness.ts';

const pause = advice`statefulset/nginx is paused; to let it go on: ${own('resume', 'nginx')}`;
const typed = 'kubectl zeroloss resume nginx --server https://10.0.0.1 -n prod';
const details = { ...NOTHING_SEEN, notes: ['a fact', pause] };
const flow = () => outcomeOf({ verb: 'status', results: [], next: [own('upgrade', 'nginx')], details });

test('a command in a note of status reaches the cluster that the note is about', async () => {
  const ran = await runLine('status nginx --server https://10.0.0.1 -n prod', { flow });
  assert.match(ran.stderr, /^note: a fact$/m);
  assert.ok(ran.stderr.includes(`note: statefulset/nginx is paused; to let it go on: ${typed}\n`), ran.stderr);
});

test('-o json holds the notes and the next commands as texts that can be typed', async () => {
  const ran = await runLine('status nginx --server https://10.0.0.1 -n prod -o json', { flow });
  const data = JSON.parse(ran.stdout);
  assert.deepEqual(data.details.notes, ['a fact', `statefulset/nginx is paused; to let it go on: ${typed}`]);
  assert.deepEqual(data.next, ['kubectl zeroloss upgrade nginx --server https://10.0.0.1 -n prod']);
});

test('the notes of several StatefulSets hold commands that can be typed, as text and in -o json', async () => {
  const targets = [{ name: 'nginx', ...details }];
  const message = lines(advice`note: nginx: ${pause}`, 'nginx: nothing is drained');
  const several = { flow: () => outcomeOf({ verb: 'status', results: [], next: [], message, details: { targets } }) };
  const line = 'status nginx api --server https://10.0.0.1 -n prod';
  assert.ok(
    (await runLine(line, several)).stderr.includes(`nginx: statefulset/nginx is paused; to let it go on: ${typed}`),
  );
  const data = JSON.parse((await runLine(`${line} -o json`, several)).stdout);
  assert.ok(data.details.targets[0].notes[1].includes(typed), data.details.targets[0].notes[1]);
});
