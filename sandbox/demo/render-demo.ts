/** The demo's report for people: one table, and underneath it why connections were lost. */
import { renderTable } from '../../lib/output/table.ts';
import type { DemoReport } from './demo-types.ts';

export async function renderDemo(report: DemoReport): Promise<string> {
  const rows = report.strategies.map((each) => [
    each.name,
    String(each.connections),
    String(each.lost),
    `${each.streams} (${each.streamsLost} lost)`,
    `${each.longestSurvivedStreamSeconds}s`,
    String(each.podsReplaced),
    `${each.seconds}s`,
  ]);
  const table = await renderTable(
    ['STRATEGY', 'CONNECTIONS', 'LOST', 'LONG STREAMS', 'LONGEST SURVIVED', 'PODS REPLACED', 'TIME'],
    rows,
    { headers: true },
  );
  const causes = report.strategies.flatMap((each) =>
    Object.entries(each.lostByCause)
      .sort(([, a], [, b]) => b - a)
      .map(([cause, count]) => `  ${each.name}: ${count} × ${cause}`),
  );
  return [table.trimEnd(), '', 'Why connections were lost:', ...(causes.length > 0 ? causes : ['  none was']), ''].join(
    '\n',
  );
}
