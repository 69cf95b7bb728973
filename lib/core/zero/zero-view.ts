/** How far each backend is on its way to zero: plain data, for the live table, the lines and -o json. */

import { formatDuration } from '../values/duration.ts';
import type { Holder, Point } from './connection-series.ts';
import { UNFILLED, type Verdict } from './verdict.ts';

export type Trend = 'rising' | 'falling' | 'steady';

export interface ZeroRow {
  pod: string;
  listener: string;
  source: string;
  verdict: Verdict['verdict'];
  /** The newest number the source gave; null: none. */
  connections: number | null;
  trend: Trend;
  because: string;
  filledMs: number;
  neededMs: number;
  holders: readonly Holder[];
  /** The port is reached past the load balancer: which, and who leads there. */
  inside?: { port: number; name?: string; leads: readonly string[] };
}

/** Which sources count here, and why the others do not. */
export interface SourceChoice {
  name: string;
  counts: boolean;
  because: string;
}

export interface ZeroDetails {
  rows: readonly ZeroRow[];
  sources: readonly SourceChoice[];
}

/** One pod on one listener, with a row for each source that counts it. */
export interface ZeroBackend {
  pod: string;
  listener: string;
  wantedWeight: number;
  /** null: the load balancer does not show it. */
  seenWeight: number | null;
  /** Reached past the load balancer, where there is no weight. */
  inside?: true;
  rows: readonly ZeroRow[];
}

/** Everything that is to be seen of a wait at one moment. */
export interface ZeroView {
  /** The subject of the wait: `ordinals 0,1 of statefulset/nginx`. */
  subject: string;
  atMs: number;
  waitedMs: number;
  backends: readonly ZeroBackend[];
  /** Obstacles besides connections. */
  notes: readonly string[];
}

/** How far back a trend looks. */
export const TREND_MS = 30_000;

/** Whether the newest number is above or below the one of half a minute ago, or the oldest since. */
export function trendOf(points: readonly Point[]): Trend {
  const newest = points.findLast(hasValue);
  if (newest === undefined) return 'steady';
  const isBefore = (point: Point) => hasValue(point) && point.atMs <= newest.atMs - TREND_MS;
  const before = points.findLast(isBefore) ?? points.find(hasValue);
  const [now, then] = [newest.value ?? 0, before?.value ?? 0];
  return now > then ? 'rising' : now < then ? 'falling' : 'steady';
}

const hasValue = ({ value }: Point): boolean => value !== null;

/** One line for a row, for pipes and for errors. */
export function zeroLine(row: ZeroRow): string {
  const count = row.connections === null ? '' : `${row.connections} connection${row.connections === 1 ? '' : 's'}`;
  const filled = `zero for ${Math.floor(row.filledMs / 1000)}s of ${Math.ceil(row.neededMs / 1000)}s`;
  const isUnfilled = row.because === UNFILLED && row.neededMs > 0;
  const holders = row.holders.slice(0, 3).map(holderText);
  const more = row.holders.length > holders.length ? ` and ${row.holders.length - holders.length} more` : '';
  const held = holders.length === 0 ? '' : `, held by ${holders.join(', ')}${more}`;
  switch (row.verdict) {
    case 'zero':
      return `${row.pod} ${row.listener} ${row.source}: zero for ${Math.floor(row.filledMs / 1000)}s`;
    case 'busy':
      if (row.connections === 0 || row.filledMs > 0)
        return `${row.pod} ${row.listener} ${row.source}: ${count}, ${filled}`;
      return `${row.pod} ${row.listener} ${row.source}: ${count}${row.trend === 'steady' ? '' : ` and ${row.trend}`}${held}${ledTo(row)}`;
    case 'unknown':
      return `${row.pod} ${row.listener} ${row.source}: ${[count, isUnfilled ? '' : row.because, isUnfilled || row.filledMs > 0 ? filled : ''].filter((part) => part !== '').join(', ')}`;
  }
}

/** Why such a connection need not end, drained or not. */
const ledTo = ({ inside }: ZeroRow): string =>
  inside === undefined
    ? ''
    : `; no weight stops it: ${inside.leads.length === 0 ? `a container declares port ${inside.port}` : `${inside.leads.join(', ')} ${inside.leads.length === 1 ? 'leads' : 'lead'} there`} (--ignore-port ${inside.name ?? inside.port} leaves it out)`;

/** `10.0.0.7 (2, seen for 3m)`: by this run, which does not know when the connections began. */
export function holderText({ peer, connections, seenForMs }: Holder): string {
  return `${peer} (${connections}${seenForMs === undefined || seenForMs < 1000 ? '' : `, seen for ${formatDuration(Math.floor(seenForMs / 1000) * 1000)}`})`;
}

/** Shown once, when the sources are known: `counting by pod: the socket table of …`, `not using metrics: no --metric given`. */
export const sourceLines = (sources: readonly SourceChoice[]): string[] =>
  [...sources]
    .sort((a, b) => Number(b.counts) - Number(a.counts))
    .map(({ name, counts, because }) => `${counts ? 'counting by' : 'not using'} ${name}: ${because}`);
