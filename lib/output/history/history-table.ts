/** The table of `history`: one line per step. */

import { evidenceText } from '../../core/story/step-details.ts';
import type { HistoryDetails } from '../../core/story/story.ts';
import { renderTable } from '../table.ts';

/** '' when there is no step; `wide` adds the evidence as it was recorded. */
export async function renderHistoryTable(
  { entries }: HistoryDetails,
  options: { wide: boolean; headers: boolean },
): Promise<string> {
  if (entries.length === 0) return '';
  const columns = ['TIME', 'BY', 'STEP', 'WHAT', ...(options.wide ? ['REVISION', 'EVIDENCE'] : [])];
  const rows = entries.map(({ at, operator, step, message, details }) => [
    at.replace(/\.\d+Z$/, 'Z'),
    operator || '<unknown>',
    step,
    message.replaceAll('\n', ' '),
    ...(options.wide ? [details.revision ?? '<none>', evidenceText(details.evidence ?? []) || '<none>'] : []),
  ]);
  return renderTable(columns, rows, { headers: options.headers });
}
