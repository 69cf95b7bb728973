/** How far each backend is on its way to zero: plain data, for the live table, the lines and -o json. */
import type { Verdict } from './zero.ts';

export interface ZeroRow {
  pod: string;
  listener: string;
  source: string;
  verdict: Verdict['verdict'];
  /** The newest number the source gave; null: none. */
  connections: number | null;
  because: string;
  filledMs: number;
  neededMs: number;
  holders: readonly { peer: string; connections: number }[];
}

export interface ZeroDetails {
  rows: readonly ZeroRow[];
  /** Which sources count here, and why the others do not. */
  sources: readonly { name: string; counts: boolean; because: string }[];
}

/** One line for a row, for pipes and for errors. */
export function zeroLine(row: ZeroRow): string {
  const count = row.connections === null ? '' : `${row.connections} connection${row.connections === 1 ? '' : 's'}`;
  const filled = `${Math.floor(row.filledMs / 1000)}/${Math.ceil(row.neededMs / 1000)}s quiet`;
  const holders = row.holders.slice(0, 3).map((holder) => `${holder.peer} (${holder.connections})`);
  const held = holders.length === 0 ? '' : `, held by ${holders.join(', ')}`;
  switch (row.verdict) {
    case 'zero':
      return `${row.pod} ${row.listener} ${row.source}: zero for ${Math.floor(row.filledMs / 1000)}s`;
    case 'busy':
      return `${row.pod} ${row.listener} ${row.source}: ${count}${held}`;
    case 'unknown':
      return `${row.pod} ${row.listener} ${row.source}: ${[count, row.because, row.filledMs > 0 ? filled : ''].filter((part) => part !== '').join(', ')}`;
  }
}
