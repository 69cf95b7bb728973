/** The reports for people: a table for each experiment, our own rows marked. */
import { renderTable } from '../../lib/output/table.ts';
import type { ExperimentReport, Row } from './experiment.ts';

const HEADERS = ['', 'WHAT', 'REQUESTS', 'LOST', '%', 'THE ARTICLE', 'WHY'];

export async function renderReports(reports: readonly ExperimentReport[]): Promise<string> {
  const parts = await Promise.all(
    reports.map(async ({ name, about, scale, seconds, rows, leftOut }) => {
      const table = await renderTable(HEADERS, rows.map(cells), { headers: true });
      return `${name}: ${about}\nTime: ${scale}. It took ${Math.round(seconds)} s.\n\n${table.trimEnd()}\n${leftOut.map((line) => `Left out: ${line}\n`).join('')}`;
    }),
  );
  const failed = reports.flatMap(({ name, rows }) =>
    rows.filter((row) => !row.holds).map((row) => `${name}: ${row.what}`),
  );
  const verdict =
    failed.length === 0
      ? 'Every row shows what it must. Rows marked with * were done with the commands of this plugin.'
      : `Not as promised: ${failed.join('; ')}`;
  return `${parts.join('\n')}\n${verdict}\n`;
}

function cells({ what, requests, lost, ours, article, why, holds }: Row): string[] {
  const percent = requests === 0 ? '0' : ((100 * lost) / requests).toFixed(2);
  return [`${ours ? '*' : ''}${holds ? '' : '!'}`, what, String(requests), String(lost), percent, article, why];
}
