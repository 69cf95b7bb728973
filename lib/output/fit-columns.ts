/**
 * Makes a table fit its terminal: columns get narrower first, then those that are needed least go, and what is left gets
 * narrower still. Law: no line is wider than the limit, and a table that fits is left as it is.
 */
import { brokenInto, cutEnd, cutMiddle, textWidth } from './text-width.ts';

export interface TableColumn {
  header: string;
  /** Where the table is too wide, columns with a number may be left out, the lowest number first. */
  gives?: number;
  /** How it gets narrower: a name loses its middle, prose is broken into lines. */
  narrows?: 'middle' | 'lines';
  /** Columns of the terminal that it keeps as long as another one can be left out; default 20. */
  comfort?: number;
}

export const GAP = 3;
const COMFORT = 20;
/** Narrower than this the picture cannot be read. */
const LEAST = 8;

interface Fitted {
  place: number;
  width: number;
  least: number;
}

/** The lines of the table, cells padded. `rows` with the headers, where they are shown; a row of prose may take several lines. */
export function fittedLines(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  limit: number,
): string[] {
  const natural = columns.map((_, place) => Math.max(0, ...rows.map((row) => textWidth(row[place] ?? ''))));
  const fitted = fitWidths(columns, natural, limit);
  return rows.flatMap((row) => {
    const cells = fitted.map(({ place, width }) => cellLines(row[place] ?? '', width, columns[place]));
    const height = Math.max(1, ...cells.map((lines) => lines.length));
    return Array.from({ length: height }, (_, index) => {
      const parts = cells.map((lines, place) => padded(lines[index] ?? '', (fitted[place]?.width ?? 0) + GAP));
      return cutEnd(parts.join('').trimEnd(), limit);
    });
  });
}

/** Which columns are shown, and how wide. */
function fitWidths(columns: readonly TableColumn[], natural: readonly number[], limit: number): Fitted[] {
  const keeping = (comfort: (column: TableColumn) => number): Fitted[] =>
    columns.map((column, place) => {
      const width = natural[place] ?? 0;
      return { place, width, least: column.narrows === undefined ? width : Math.min(width, comfort(column)) };
    });
  let kept = keeping(({ comfort }) => comfort ?? COMFORT);
  const going = kept
    .filter(({ place }) => columns[place]?.gives !== undefined)
    .sort((a, b) => (columns[a.place]?.gives ?? 0) - (columns[b.place]?.gives ?? 0));
  while (total(kept, 'least') > limit) {
    const next = going.shift();
    if (next === undefined) break;
    kept = kept.filter((each) => each !== next);
  }
  if (total(kept, 'least') > limit) {
    const left = new Set(kept.map(({ place }) => place));
    kept = keeping(() => LEAST).filter(({ place }) => left.has(place));
  }
  while (total(kept, 'width') > limit) {
    const widest = kept.filter(({ width, least }) => width > least).sort((a, b) => b.width - a.width)[0];
    if (widest === undefined) break;
    widest.width--;
  }
  return kept;
}

const total = (columns: readonly Fitted[], part: 'width' | 'least'): number =>
  columns.reduce((sum, column) => sum + column[part], 0) + GAP * Math.max(0, columns.length - 1);

function cellLines(cell: string, width: number, column: TableColumn | undefined): string[] {
  if (textWidth(cell) <= width) return [cell];
  return column?.narrows === 'lines' ? brokenInto(cell, width) : [cutMiddle(cell, width)];
}

const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - textWidth(text)));
