import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watchStatus } from '../../../cmd/show/watch-status.ts';
import { NOTHING_SEEN, type StatusRow } from '../../../lib/core/status/status-view.ts';
import { createCommandLines } from '../../../lib/output/results/command-lines.ts';
import type { World } from '../../../lib/ports.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { FakeReporter } from '../../fakes/reporter.ts';
import { outcomeOf } from '../harness.ts';

const row = (ordinal: number): StatusRow => ({
  ...{ pod: `nginx-${ordinal}`, ordinal, uid: 'u', ip: '10.0.0.1', backends: [], revision: 'r', updated: false },
  ...{ images: ['nginx:1.9'], ready: { ready: 1, total: 1 }, gates: { passed: 0, total: 0 } },
  ...{ restarts: 0, phase: 'Running', ageSeconds: 90 },
});

/** The lines that one look draws on a terminal of no known size. */
async function drawn(notes: readonly string[]): Promise<string[]> {
  const stop = new AbortController();
  let shown = '';
  const stdout = {
    ...{ isTTY: true, columns: 0, rows: 0 },
    write(text: string) {
      shown += text;
      stop.abort(new Error('seen'));
    },
  };
  const context = {
    streams: { stdout, stderr: stdout },
    env: {},
    commands: createCommandLines('kubectl zeroloss', { connection: [], own: [] }),
    prose: createCommandLines('kubectl zeroloss', { connection: [], own: [] }),
    report: Object.assign(new FakeReporter(), { verbosity: 0, close: () => undefined, prose: () => undefined }),
    mask: (text: string) => text,
  };
  const rows = Array.from({ length: 10 }, (_, ordinal) => row(ordinal));
  const details = { ...NOTHING_SEEN, rows, notes: [...notes] };
  // Of a World it touches the clock and the signal alone.
  const world = { clock: new FakeClock(), signal: stop.signal } as unknown as World;
  const look = async () => ({ ...outcomeOf({ verb: 'status' }), details });
  await assert.rejects(watchStatus(context, world, look, { format: undefined, headers: true }), /seen/);
  return shown.trimEnd().split('\n');
}

test('a terminal that does not know its size, as in some containers, is taken for 80 by 24', async () => {
  const lines = await drawn([]);
  assert.equal(lines.length, 11);
  assert.match(lines[10] ?? '', /^nginx-9 .* Running$/);
});

test('a long look has the notes of the StatefulSet below the table', async () => {
  const lines = await drawn(['ann@laptop/4711 runs upgrade, begun 2m ago']);
  assert.equal(lines[11], 'note: ann@laptop/4711 runs upgrade, begun 2m ago');
});
