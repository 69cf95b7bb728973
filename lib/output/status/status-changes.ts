/** A long look at `status` through a pipe: a line for every pod that has changed. */
import type { StatusBackend, StatusRow } from '../../core/status/status-view.ts';
import { formatTime } from '../../core/values/time.ts';
import type { PlacedRow } from './status-table.ts';

/** Counts run all the time: a pod of which nothing else has changed is shown again after this long. */
const NUMBERS_EVERY_MS = 10_000;

/** Remembers what it has shown. */
export function createStatusChanges(): (rows: readonly PlacedRow[], atMs: number) => string[] {
  const shown = new Map<string, { state: string; count: string; atMs: number }>();
  return (rows, atMs) =>
    rows.flatMap((row) => {
      const state = stateText(row);
      const count = countText(row.backends);
      const name = [row.context, row.namespace, row.pod].filter((part) => part !== undefined).join('/');
      const before = shown.get(name);
      const runs = before?.state === state;
      if (runs && (before.count === count || atMs - before.atMs < NUMBERS_EVERY_MS)) return [];
      shown.set(name, { state, count, atMs });
      return [`${formatTime(atMs).replace(/\.\d+Z$/, 'Z')} ${name} ${state} connections=${count}\n`];
    });
}

function stateText({ backends, updated, images, ready, gates, restarts, phase }: StatusRow): string {
  const weight = (of: (backend: StatusBackend) => number | null) =>
    [...new Set(backends.map((backend) => String(of(backend) ?? 'unknown')))].join('/') || 'none';
  return [
    `weight=${weight(({ wantWeight }) => wantWeight)}`,
    `clb=${weight(({ seenWeight }) => seenWeight)}`,
    `revision=${updated === null ? 'unknown' : updated ? 'updated' : 'outdated'}`,
    `image=${images.join(',') || 'none'}`,
    `ready=${ready.ready}/${ready.total}`,
    `gates=${gates.passed}/${gates.total}`,
    `restarts=${restarts}`,
    `phase=${phase}`,
  ].join(' ');
}

function countText(backends: readonly StatusBackend[]): string {
  const counts = backends.map(({ connections }) => connections);
  if (counts.length === 0 || counts.includes(null)) return 'unknown';
  return String(counts.reduce<number>((sum, count) => sum + (count ?? 0), 0));
}
