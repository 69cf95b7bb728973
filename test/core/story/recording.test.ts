/** A record is a file: others edit, cut and merge it, and `history` reads what is left. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseRecording, RECORDING_FORMAT } from '../../../lib/core/story/recording.ts';
import { entriesOfRecording } from '../../../lib/core/story/story.ts';
import { timelineOf } from '../../../lib/core/story/timeline.ts';
import { renderHistoryPage } from '../../../lib/output/history/history-page.ts';
import { renderHistoryTable } from '../../../lib/output/history/history-table.ts';

const AT = '2026-01-31T09:30:00.000Z';
const BEGIN = {
  at: AT,
  kind: 'begin',
  format: RECORDING_FORMAT,
  verb: 'drain',
  target: { namespace: 'default', name: 'nginx' },
  operator: 'jane@host',
};
const EVENT = {
  at: AT,
  kind: 'event',
  reason: 'ZerolossDrained',
  message: 'drained 0',
  operator: 'jane@host',
  details: { pods: [0], weights: [{ ordinals: [0], weight: 0 }], evidence: [{ pod: 'nginx-0', source: 'pod' }] },
};
const POD = { at: AT, kind: 'pod', pod: 'nginx-0', revision: 'r', ready: true };
const WEIGHT = { at: AT, kind: 'weight', pod: 'nginx-0', balancer: 'lb', listener: 'TCP/80', weight: 10 };
const SAMPLE = { at: AT, kind: 'sample', pod: 'nginx-0', of: AT, connections: 3, source: 'pod', listener: 'TCP/80' };

const textOf = (lines: readonly unknown[]): string =>
  [BEGIN, ...lines].map((line) => `${JSON.stringify(line)}\n`).join('');

/** As `history --from FILE` and its formats show it. */
async function page(source: string): Promise<{ html: string; table: string; notes: readonly string[] }> {
  const { lines, notes } = parseRecording(source, 'up.jsonl');
  const entries = entriesOfRecording(lines);
  const details = { entries, now: null, notes };
  const timeline = timelineOf('nginx', entries, lines);
  const html = renderHistoryPage({ target: { namespace: 'default', name: 'nginx' }, details, timeline, madeAtMs: 0 });
  return { html, table: await renderHistoryTable(details, { wide: true, headers: true }), notes };
}

describe('a record with bad entries', () => {
  it('shows the others, and says which lines were skipped and why', async () => {
    const { html, notes } = await page(
      textOf([
        EVENT,
        { ...POD, at: 'yesterday' },
        { ...POD, pod: 7 },
        { ...SAMPLE, of: '25:00' },
        { ...WEIGHT, weight: 'much' },
        POD,
      ]),
    );
    assert.match(html, /drained 0/);
    assert.deepEqual(notes, [
      'line 3 of up.jsonl is skipped: its at is "yesterday", and no time',
      'line 4 of up.jsonl is skipped: its pod is 7, and no text',
      'line 5 of up.jsonl is skipped: its of is "25:00", and no time',
      'line 6 of up.jsonl is skipped: its weight is "much", and no number',
    ]);
  });

  it('names five of them at most', async () => {
    const { notes } = await page(textOf(Array.from({ length: 9 }, () => ({ ...POD, at: 1 }))));
    assert.equal(notes.length, 6);
    assert.equal(notes.at(-1), '4 more lines of up.jsonl are skipped');
  });

  it('passes over kinds to come without a word', async () => {
    assert.deepEqual((await page(textOf([{ at: AT, kind: 'weather', rain: true }]))).notes, []);
  });

  it('law: with any content of the fields, there is a page and a table', async () => {
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom('', 'nginx-0', 'nginx-', '-1', 1e308, -1, 0.5, '+999999-01-01T00:00:00Z', {
        pods: [1e9, -3, 'x'],
      }),
    );
    const line = fc
      .tuple(fc.constantFrom<Record<string, unknown>>(EVENT, POD, WEIGHT, SAMPLE), fc.nat(6), value)
      .map(([good, index, bad]) => {
        const keys = Object.keys(good).filter((key) => key !== 'kind');
        return { ...good, [keys[index % keys.length] ?? 'at']: bad };
      });
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 6 }), async (lines) => {
        assert.match((await page(textOf([...lines, POD]))).html, /^<!doctype html>/i);
      }),
      { numRuns: 300 },
    );
  });
});
