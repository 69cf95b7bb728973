import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WindowView } from '../../../lib/core/window/window-view.ts';
import { paintFor } from '../../../lib/output/colour.ts';
import { createReporter } from '../../../lib/output/live/reporter.ts';
import { createMask } from '../../../lib/output/mask-secrets.ts';

function reporter(options: { live?: boolean; verbosity?: number; columns?: number } = {}) {
  let text = '';
  let atMs = 0;
  const stream = {
    columns: options.columns,
    write(more: string) {
      text += more;
    },
  };
  const report = createReporter({
    stream,
    verbosity: options.verbosity ?? 0,
    paint: paintFor(false),
    mask: createMask(['hunter2-secret']),
    live: options.live ?? false,
    now: () => atMs,
  });
  const pass = (ms: number) => {
    atMs += ms;
  };
  return { report, pass, text: () => text };
}

test('through a pipe there is one plain line per change', () => {
  const { report, text } = reporter();
  for (const line of ['draining', 'draining', 'drained', 'done']) report.progress(line);
  assert.equal(text(), 'draining\ndrained\ndone\n');
});

test('through a pipe numbers that run are shown every ten seconds, and the last ones before anything else', () => {
  const { report, pass, text } = reporter();
  for (let count = 25; count > 0; count -= 1) {
    report.progress(`${count} connections`);
    pass(1000);
  }
  assert.equal(text(), '25 connections\n15 connections\n5 connections\n');
  report.warn('soon');
  report.progress('0 connections');
  report.close();
  assert.equal(text().slice(44), '1 connections\nWarning: soon\n0 connections\n');
});

test('on a terminal a count runs down on one line, and another sentence begins a new one', () => {
  const { report, text } = reporter({ live: true });
  for (const line of ['3 connections', '2 connections', 'deleting nginx-0']) report.progress(line);
  report.close();
  assert.equal(text(), '3 connections\r\u001b[J2 connections\ndeleting nginx-0\n');
});

test('on a terminal a block of lines is rewritten from its first line', () => {
  const { report, text } = reporter({ live: true });
  report.progress('a: 1 rising\nb: 2 rising');
  report.progress('a: 0 falling\nb: 0 falling');
  assert.equal(text(), 'a: 1 rising\nb: 2 rising\r\u001b[1A\u001b[Ja: 0 falling\nb: 0 falling');
});

test('a line that may be rewritten never wraps', () => {
  const { report, text } = reporter({ live: true, columns: 10 });
  report.progress('nginx-0 has 12 connections');
  assert.equal(text(), 'nginx-0…');
});

test('a line that was cut is shown whole once another one follows', () => {
  const { report, text } = reporter({ live: true, columns: 10 });
  report.progress('counting by clb');
  report.progress('and on');
  assert.equal(text(), 'counting…\r\u001b[Jcounting by clb\nand on');
});

test('a terminal that does not know its size, as in some containers, is taken for 80 columns', () => {
  const { report, text } = reporter({ live: true, columns: 0 });
  report.progress('nginx-0 has 12 connections');
  assert.equal(text(), 'nginx-0 has 12 connections');
  const table = reporter({ live: true, columns: 0 });
  const shown = { subject: 'ordinal 0', atMs: 0, waitedMs: 1_000, backends: [], notes: ['one', 'two', 'three'] };
  table.report.table?.(shown);
  assert.deepEqual(table.text().split('\n'), ['waiting for zero: ordinal 0, 1s', 'one', 'two', 'three']);
});

test('a warning that differs in its ages, or in the number of a request, is shown once, and again once anything else has changed', () => {
  const { report, text } = reporter();
  const although = (line: string) => report.warn(`--force: deleting although ${line}`);
  although('nginx-0 TCP/80 pod: 0 connections, zero for 2s of 1m');
  although('nginx-0 TCP/80 pod: 0 connections, zero for 7s of 1m');
  although('nginx-0 TCP/80 pod: 3 connections, held by 10.0.0.7 (3, seen for 1m5s)');
  although('nginx-0 TCP/80 pod: 3 connections, held by 10.0.0.7 (3, seen for 1m9s)');
  although('nginx-0 TCP/80 pod: 4 connections, held by 10.0.0.7 (4, seen for 1m9s)');
  although('nginx-5d TCP/80 pod: 4 connections, held by 10.0.0.7 (4, seen for 1m9s)');
  although('the cloud refuses (InternalError, RequestId 6f1c-1)');
  although('the cloud refuses (InternalError, RequestId 6f1c-2)');
  assert.deepEqual(
    text()
      .trimEnd()
      .split('\n')
      .map((line) => line.replace('Warning: --force: deleting although ', '')),
    [
      'nginx-0 TCP/80 pod: 0 connections, zero for 2s of 1m',
      'nginx-0 TCP/80 pod: 3 connections, held by 10.0.0.7 (3, seen for 1m5s)',
      'nginx-0 TCP/80 pod: 4 connections, held by 10.0.0.7 (4, seen for 1m9s)',
      'nginx-5d TCP/80 pod: 4 connections, held by 10.0.0.7 (4, seen for 1m9s)',
      'the cloud refuses (InternalError, RequestId 6f1c-1)',
    ],
  );
});

test('a warning interrupts the live line, and the same one is shown once', () => {
  const { report, text } = reporter({ live: true });
  report.progress('waiting');
  report.warn('deprecated');
  report.warn('deprecated');
  assert.equal(text(), 'waiting\nWarning: deprecated\n');
});

test('traces show up to the level of -v', () => {
  const { report, text } = reporter({ verbosity: 6 });
  report.trace(6, 'GET https://h/');
  report.trace(7, 'headers');
  assert.equal(text(), 'v6: GET https://h/\n');
});

test('secrets are masked in all output', () => {
  const { report, text } = reporter({ verbosity: 9 });
  report.progress('token hunter2-secret');
  report.warn('Authorization: Bearer abcdefghijkl');
  report.trace(8, '{"password":"correct-horse"}');
  assert.doesNotMatch(text(), /hunter2|abcdefghijkl|correct-horse/);
});

test('on a terminal the window is rewritten in place, and a result takes its place until the next look', () => {
  const { report, text } = reporter({ live: true, columns: 80 });
  const view = (connections: number): WindowView => ({
    ...{ name: 'nginx', total: 4, done: 0, size: 1, goneMs: 1000, leastLeftMs: 0, beside: [] },
    pods: [{ ordinal: 0, place: 'draining', drainedForMs: 1000, connections }],
  });
  report.window?.(view(2));
  report.window?.(view(1));
  report.close();
  report.window?.(view(0));
  const title = '0 of 4 done, 1 in the window, 1s gone';
  assert.equal(
    text(),
    `${title}\nnginx-0   drained 1s, 2 connections\r\u001b[1A\u001b[J${title}\nnginx-0   drained 1s, 1 connection\r\u001b[1A\u001b[J${title}\nnginx-0   drained 1s, 0 connections`,
  );
});
