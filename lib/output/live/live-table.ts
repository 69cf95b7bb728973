/** The table of a wait on a terminal: one line per backend, rewritten in place at every look. */
import { formatDuration } from '../../core/values/duration.ts';
import type { Trend, ZeroBackend, ZeroRow, ZeroView } from '../../core/zero/zero-view.ts';
import type { Holder } from '../../ports.ts';
import type { Paint } from '../colour.ts';
import { fittedLines, type TableColumn } from '../fit-columns.ts';
import { cutEnd } from '../text-width.ts';

const COLUMNS: readonly TableColumn[] = [
  { header: 'POD', narrows: 'middle' },
  { header: 'LISTENER', narrows: 'middle', gives: 2 },
  { header: 'WEIGHT', gives: 1 },
  { header: 'CLB', gives: 4 },
  { header: 'CONNECTIONS' },
  { header: 'ZERO FOR' },
  { header: 'OLDEST PEER', narrows: 'middle', gives: 3 },
];
const ARROWS: Readonly<Record<Trend, string>> = { rising: '↑', falling: '↓', steady: '' };
const MOST_NOTES = 3;
/** Under the table: the prompt's line, and one to spare. */
const FREE_LINES = 2;

export interface Screen {
  columns: number;
  /** undefined: as many as it takes. */
  rows: number | undefined;
  paint: Paint;
}

/** Lines no longer than the screen is wide, and no more of them than it is high; the lines that do not fit are counted in the last one. */
export function renderLiveTable(view: ZeroView, { columns, rows, paint }: Screen): string[] {
  const title = `waiting for zero: ${view.subject}, ${seconds(view.waitedMs)}`;
  const notes = notesOf(view);
  const room = rows === undefined ? Number.POSITIVE_INFINITY : rows - FREE_LINES - 2 - notes.length;
  const shown = chosen(view.backends, Math.max(1, room));
  const rowsShown = shown.length === 0 ? [] : [COLUMNS.map(({ header }) => header), ...shown.map(cellsOf)];
  const [headers, ...lines] = fittedLines(COLUMNS, rowsShown, columns - 1);
  const left = view.backends.length - shown.length;
  return [
    fit(title, columns),
    ...(headers === undefined ? [] : [paint.dim(headers)]),
    ...shown.map((backend, index) => paintOf(backend, paint)(lines[index] ?? '')),
    ...(left === 0 ? [] : [fit(`and ${left} more`, columns)]),
    ...notes.map((note) => fit(note, columns)),
  ];
}

const cellsOf = ({ pod, listener, wantedWeight, seenWeight, inside, rows }: ZeroBackend): string[] => [
  pod,
  listener,
  inside ? '-' : String(wantedWeight),
  inside ? '-' : seenWeight === null ? '?' : String(seenWeight),
  rows
    .map(({ source, connections, trend }) => `${source} ${connections ?? '?'}${connections === 0 ? '' : ARROWS[trend]}`)
    .join('  '),
  zeroFor(rows),
  oldest(rows),
];

/** How much of its stability window the slowest source has filled; for how long every source has shown zero, once all have. */
function zeroFor(rows: readonly ZeroRow[]): string {
  const slowest = [...rows].sort((a, b) => restMs(b) - restMs(a))[0];
  if (slowest === undefined) return '';
  if (rows.every(({ verdict }) => verdict === 'zero'))
    return seconds(Math.min(...rows.map(({ filledMs }) => filledMs)));
  return `${seconds(slowest.filledMs)} of ${slowest.neededMs === 0 ? '?' : seconds(slowest.neededMs)}`;
}

const restMs = ({ verdict, filledMs, neededMs }: ZeroRow): number =>
  verdict === 'zero' ? -1 : neededMs === 0 ? Number.POSITIVE_INFINITY : neededMs - filledMs;

function oldest(rows: readonly ZeroRow[]): string {
  const age = ({ seenForMs = 0 }: Holder): number => seenForMs;
  const [first] = rows.flatMap(({ holders }) => holders).sort((a, b) => age(b) - age(a));
  if (first === undefined) return '';
  const { peer, connections, seenForMs } = first;
  return `${peer} ×${connections}${seenForMs === undefined ? '' : ` seen ${seconds(seenForMs)}`}`;
}

/** Why a wait cannot be seen as it is: weights, failed reads, missing points. How far the stability window is filled is in the table. */
function notesOf({ notes, backends }: ZeroView): string[] {
  const unread = backends.flatMap(({ rows }) =>
    rows
      .filter(({ verdict, filledMs }) => verdict === 'unknown' && filledMs === 0)
      .map(({ pod, source, because }) => `${pod} ${source}: ${because}`),
  );
  const all = [...new Set([...notes, ...unread])];
  const more = all.length - MOST_NOTES;
  return more <= 0 ? all : [...all.slice(0, MOST_NOTES), `and ${more} more`];
}

/** All, or those that are waited for: what is busy first, and the busiest of it. */
function chosen(backends: readonly ZeroBackend[], room: number): readonly ZeroBackend[] {
  if (backends.length <= room) return backends;
  const weight = ({ rows }: ZeroBackend): number =>
    rows.every(({ verdict }) => verdict === 'zero') ? -1 : Math.max(0, ...rows.map((row) => row.connections ?? 0));
  return [...backends].sort((a, b) => weight(b) - weight(a)).slice(0, Math.max(1, room - 1));
}

function paintOf({ rows, wantedWeight, seenWeight }: ZeroBackend, paint: Paint): (text: string) => string {
  if (wantedWeight !== seenWeight || rows.length === 0) return paint.warn;
  return rows.every(({ verdict }) => verdict === 'zero') ? paint.good : (text) => text;
}

const seconds = (ms: number): string => formatDuration(Math.floor(ms / 1000) * 1000);

/** A line that wrapped could not be rewritten. */
export const fit = (line: string, columns: number): string => cutEnd(line.trimEnd(), columns - 1);
