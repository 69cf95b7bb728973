import assert from 'node:assert/strict';
import { test } from 'node:test';
import { progressOn } from '../../../sandbox/rehearsal/progress.ts';

function terminal(columns: number | undefined) {
  const written: string[] = [];
  const stderr = { write: (text: string) => written.push(text), isTTY: columns !== undefined, columns };
  return { written, progress: progressOn({ stderr, stdout: stderr }) };
}

test('on a terminal the numbers take one line that is cut to its width, and a step stays above them', () => {
  const { written, progress } = terminal(20);
  progress('traffic: 12 connections (3 open), 0 lost');
  progress('traffic: 13 connections (4 open), 0 lost');
  progress('$ kubectl zeroloss drain nginx 0');
  progress('traffic: 14');
  progress('');
  assert.deepEqual(written, [
    'traffic: 12 connec…',
    '\r\u001b[Jtraffic: 13 connec…',
    '\r\u001b[J',
    '$ kubectl zeroloss drain nginx 0\n',
    'traffic: 14',
    '\r\u001b[J',
  ]);
});

test('elsewhere every step is a line, and of the numbers every tenth', () => {
  const { written, progress } = terminal(undefined);
  for (let tick = 0; tick < 11; tick += 1) progress(`traffic: ${tick}`);
  progress('$ kubectl zeroloss drain nginx 0');
  progress('');
  assert.deepEqual(written, ['traffic: 0\n', 'traffic: 10\n', '$ kubectl zeroloss drain nginx 0\n']);
});
