/** Figures as rows of text. */
import type { Figures } from './measure.ts';

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
  return `${[head, ...rows].join('\n')}\n`;
}
