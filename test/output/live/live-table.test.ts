import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ZeroBackend, ZeroRow, ZeroView } from '../../../lib/core/zero/zero-view.ts';
import { paintFor } from '../../../lib/output/colour.ts';
import { createChangeLines } from '../../../lib/output/live/change-lines.ts';
import { renderLiveTable } from '../../../lib/output/live/live-table.ts';
import { createReporter } from '../../../lib/output/live/reporter.ts';
import { createMask } from '../../../lib/output/mask-secrets.ts';

const row = (change: Partial<ZeroRow> = {}): ZeroRow => ({
  pod: 'nginx-0',
  listener: 'TCP/80',
  source: 'pod',
  verdict: 'busy',
  connections: 3,
  trend: 'falling',
  because: '',
  filledMs: 0,
  neededMs: 30_000,
  holders: [
    { peer: '192.0.2.9', connections: 1, seenForMs: 4000 },
    { peer: '192.0.2.7', connections: 2, seenForMs: 61_000 },
  ],
  ...change,
});
const backend = (rows: readonly ZeroRow[], change: Partial<ZeroBackend> = {}): ZeroBackend => ({
  pod: rows[0]?.pod ?? 'nginx-0',
  listener: 'TCP/80',
  wantedWeight: 0,
  seenWeight: 0,
  rows,
  ...change,
});
const view = (backends: readonly ZeroBackend[], change: Partial<ZeroView> = {}): ZeroView => ({
  subject: 'ordinal 0 of statefulset/nginx',
  atMs: 0,
  waitedMs: 65_000,
  backends,
  notes: [],
  ...change,
});
const screen = { columns: 120, rows: 24, paint: paintFor(false) };

describe('the live table of a wait', () => {
  it('shows weights, the count and trend of each source, the window and the oldest peer', () => {
    const clb = row({
      source: 'clb',
      connections: null,
      verdict: 'unknown',
      because: 'no final point yet',
      trend: 'steady',
      holders: [],
      neededMs: 180_000,
    });
    const lines = renderLiveTable(view([backend([clb, row()])]), screen);
    assert.equal(lines[0], 'waiting for zero: ordinal 0 of statefulset/nginx, 1m5s');
    assert.equal(lines[3], 'nginx-0 clb: no final point yet');
    assert.match(lines[2] ?? '', /^nginx-0 +TCP\/80 +0 +0 +clb \? {2}pod 3↓ +0s of 3m +192\.0\.2\.7 ×2 seen 1m1s$/);
    assert.match(lines[1] ?? '', /^POD +LISTENER +WEIGHT +CLB +CONNECTIONS +ZERO FOR +OLDEST PEER$/);
  });
  it('shows, once every source proves zero, for how long all of them have', () => {
    const zeros = { verdict: 'zero', connections: 0, trend: 'steady', holders: [] } as const;
    const clb = row({ ...zeros, source: 'clb', filledMs: 15_000, neededMs: 3_000 });
    const pod = row({ ...zeros, filledMs: 3_000, neededMs: 3_000 });
    const [, , line = ''] = renderLiveTable(view([backend([clb, pod])]), screen);
    assert.match(line, /pod 0 +3s/);
  });

  it('shows no arrow beside a 0, which does not fall any further', () => {
    const line = (connections: number) => renderLiveTable(view([backend([row({ connections })])]), screen)[2] ?? '';
    assert.match(line(0), / pod 0 /);
    assert.match(line(1), / pod 1↓ /);
  });
  it('shows a weight that the load balancer does not show as unknown, and what is in the way', () => {
    const lines = renderLiveTable(
      view([backend([], { seenWeight: null })], { notes: ['lb-1 does not show nginx-0'] }),
      screen,
    );
    assert.match(lines[2] ?? '', /^nginx-0 +TCP\/80 +0 +\?$/);
    assert.equal(lines[3], 'lb-1 does not show nginx-0');
  });
  it('never has a line that wraps, nor more lines than the screen', () => {
    const backends = Array.from({ length: 60 }, (_, index) =>
      backend([row({ pod: `nginx-${index}`, connections: index })]),
    );
    const lines = renderLiveTable(view(backends), { ...screen, columns: 40, rows: 20 });
    assert.ok(lines.length < 20);
    assert.ok(lines.every((line) => line.length < 40));
    assert.match(lines[2] ?? '', /^nginx-59/, 'the busiest is shown first');
    assert.match(lines.at(-1) ?? '', /^and \d+ more$/);
  });
  it('is rewritten in place, and ends with a whole line before anything else', () => {
    let text = '';
    const report = createReporter({
      stream: { columns: 100, rows: 24, write: (more: string) => (text += more) },
      verbosity: 0,
      paint: paintFor(false),
      mask: createMask([]),
      live: true,
      now: () => 0,
    });
    report.progress('counting by pod');
    report.table?.(view([backend([row()])]));
    report.table?.(view([backend([row({ connections: 2 })])]));
    report.warn('soon');
    report.close();
    const [before = '', after = ''] = text.split('\r\u001b[2A\u001b[J');
    assert.match(before, /^counting by pod\nwaiting for zero.*\nPOD.*\nnginx-0.*pod 3↓[^\n]*$/);
    assert.match(after, /^waiting for zero.*\nPOD.*\nnginx-0.*pod 2↓.*\nWarning: soon\n$/);
  });
});

describe('a wait through a pipe', () => {
  const atZero = (filledMs: number): ZeroRow =>
    row({
      verdict: 'unknown',
      because: 'the stability window is not filled yet',
      connections: 0,
      holders: [],
      trend: 'steady',
      filledMs,
    });
  it('is one line for each change of state, and none for a window that fills', () => {
    const changes = createChangeLines();
    const look = (rows: readonly ZeroRow[], atMs: number): string[] => changes(view([backend(rows)], { atMs }));
    assert.deepEqual(look([row()], 0), [
      'nginx-0 TCP/80 pod: 3 connections and falling, held by 192.0.2.9 (1, seen for 4s), 192.0.2.7 (2, seen for 1m1s)',
    ]);
    assert.deepEqual(look([row()], 3000), []);
    assert.equal(look([atZero(3000)], 6000).length, 1);
    assert.deepEqual(look([atZero(6000)], 9000), []);
    assert.deepEqual(look([row({ verdict: 'zero', filledMs: 30_000, connections: 0 })], 12_000), [
      'nginx-0 TCP/80 pod: zero for 30s',
    ]);
  });
  it('shows counts that run every ten seconds, each backend by itself', () => {
    const changes = createChangeLines();
    const look = (counts: readonly number[], atMs: number): number =>
      changes(
        view(
          counts.map((connections, index) => backend([row({ pod: `nginx-${index}`, connections })])),
          { atMs },
        ),
      ).length;
    assert.deepEqual([look([5, 9], 0), look([4, 8], 3000), look([3, 8], 10_000), look([3, 7], 20_000)], [2, 0, 2, 1]);
  });
  it('shows each obstacle once, and again when it comes back', () => {
    const changes = createChangeLines();
    const look = (...notes: string[]): string[] => changes(view([], { notes }));
    assert.deepEqual([look('a'), look('a', 'b'), look(), look('a')], [['a'], ['b'], [], ['a']]);
  });
});
