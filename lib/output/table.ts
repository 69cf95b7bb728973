/** Tables as kubectl prints them: capital headers, columns three spaces apart, no borders. The only file that imports cli-table3. */

import { fittedLines, GAP, type TableColumn } from './fit-columns.ts';

export interface TableOptions {
  headers: boolean;
  /** Columns of the terminal that a line may take; undefined: as many as it takes (a pipe, `-o wide`). */
  width?: number | undefined;
}

const NO_BORDERS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};

/** Printable, one column wide each, no colour codes. */
const ASCII = /^[ -~]*$/;

/** One line per row, ended by a newline each; '' when there is nothing to show. Widths count what a terminal shows (CJK is two wide). */
export async function renderTable(
  columns: readonly (string | TableColumn)[],
  rows: readonly (readonly string[])[],
  { headers, width }: TableOptions,
): Promise<string> {
  const known = columns.map((column) => (typeof column === 'string' ? { header: column } : column));
  const lines = headers ? [known.map(({ header }) => header), ...rows] : rows;
  if (lines.length === 0) return '';
  if (width !== undefined)
    return fittedLines(known, lines, width)
      .map((line) => `${line}\n`)
      .join('');
  // cli-table3 measures every cell as a terminal shows it; most tables hold nothing that needs it.
  if (lines.every((line) => line.every((cell) => ASCII.test(cell)))) return padded(lines);
  const { default: Table } = await import('cli-table3');
  const table = new Table({
    chars: NO_BORDERS,
    style: { 'padding-left': 0, 'padding-right': GAP, head: [], border: [], compact: true },
  });
  for (const line of lines) table.push(line.map((content) => ({ content })));
  const text = table.toString().split('\n');
  return text.map((line) => `${line.trimEnd()}\n`).join('');
}

function padded(lines: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const line of lines) {
    for (const [place, cell] of line.entries()) widths[place] = Math.max(widths[place] ?? 0, cell.length);
  }
  const text = lines.map((line) => line.map((cell, place) => cell.padEnd((widths[place] ?? 0) + GAP)).join(''));
  return text.map((line) => `${line.trimEnd()}\n`).join('');
}
