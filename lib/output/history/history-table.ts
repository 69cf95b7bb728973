/** The table of `history`: one line per step. */

import { evidenceText } from '../../core/story/step-details.ts';
import type { HistoryDetails } from '../../core/story/story.ts';
import type { TableColumn } from '../fit-columns.ts';
import { renderTable, type TableOptions } from '../table.ts';

const COLUMNS: readonly TableColumn[] = [
  { header: 'TIME' },
  { header: 'BY', narrows: 'middle', comfort: 12, gives: 1 },
  { header: 'STEP' },
  { header: 'WHAT', narrows: 'lines', comfort: 26 },
];
const WIDE: readonly TableColumn[] = [
  ...COLUMNS,
  { header: 'REVISION' },
  { header: 'CHANGE-CAUSE' },
  { header: 'EVIDENCE' },
];

/** '' when there is no step; `wide` adds the evidence as it was recorded, and cuts nothing. */
export async function renderHistoryTable(
  { entries, causes = [] }: HistoryDetails,
  { wide, headers, width }: TableOptions & { wide: boolean },
): Promise<string> {
  if (entries.length === 0) return '';
  const causeOf = new Map(causes.map(({ name, cause }) => [name, cause.replaceAll('\n', ' ')]));
  const rows = entries.map(({ at, operator, step, message, details }) => [
    at.replace(/\.\d+Z$/, 'Z'),
    operator || '<unknown>',
    step,
    message.replaceAll('\n', ' '),
    ...(wide
      ? [
          details.revision ?? '<none>',
          causeOf.get(details.revision ?? '') ?? '<none>',
          evidenceText(details.evidence ?? []) || '<none>',
        ]
      : []),
  ]);
  return renderTable(wide ? WIDE : COLUMNS, rows, { headers, width: wide ? undefined : width });
}
