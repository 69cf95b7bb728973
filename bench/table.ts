/** Figures as rows of text. */

import type { Figures } from './measure.ts';
import type { Growth } from './parts/growth.ts';

/** One line per contestant; ratios are to the first one. */
export function renderFigures(title: string, figures: readonly Figures[]): string {
  const [first] = figures;
  const width = Math.max(...figures.map(({ name }) => name.length));
  const head = `${title.padEnd(width)}  wall ms  ratio  CPU ms  peak MB  ratio`;
  const rows = figures.map(({ name, wallMs, cpuMs, peakMB }) =>
    [
      name.padEnd(width),
      wallMs.toFixed(1).padStart(8),
      (wallMs / (first?.wallMs ?? wallMs)).toFixed(2).padStart(6),
      (cpuMs?.toFixed(0) ?? '-').padStart(7),
      (peakMB?.toFixed(1) ?? '-').padStart(8),
      (peakMB === undefined ? '-' : (peakMB / (first?.peakMB ?? peakMB)).toFixed(2)).padStart(6),
    ].join(' '),
  );
  return lines([head, ...rows]);
}

/** One line per contestant: how steeply time and memory rise from each size to the next. */
export function renderGrowth(sizes: readonly number[], growths: readonly Growth[]): string {
  const steps = sizes.slice(1).map((size, index) => `${sizes[index]} to ${size}`);
  const cells = (values: readonly number[]) => steps.map((_, index) => values[index]?.toFixed(2) ?? '-');
  return renderRows([
    ['slope; 1 is linear', ...steps.map((step) => `time ${step}`), ...steps.map((step) => `memory ${step}`)],
    ...growths.map(({ name, wall, memory }) => [name, ...cells(wall), ...cells(memory)]),
  ]);
}

/** Any table: the first row is the head, the first column is flush left, the others flush right. */
export function renderRows(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return lines(
    rows.map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    ),
  );
}

const lines = (rows: readonly string[]): string => `${rows.join('\n')}\n`;
