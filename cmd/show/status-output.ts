/** What `status` prints, for one StatefulSet or several, once or for as long as one looks. */
import type { Outcome } from '../../lib/core/outcome/outcome.ts';
import { isStatusDetails, type StatusDetails, type StatusRow } from '../../lib/core/status/status-view.ts';
import type { StatusOfMany } from '../../lib/flows/verbs/status-of.ts';
import { renderStatusTable } from '../../lib/output/status/status-table.ts';

export interface StatusLook {
  format: 'wide' | 'name' | undefined;
  headers: boolean;
}

/** Every StatefulSet of an outcome of `status`. */
export function detailsOf({ details }: Pick<Outcome, 'details'>): readonly StatusDetails[] {
  if (isStatusDetails(details)) return [details];
  // The only other shape that the flow makes.
  return (details as StatusOfMany | undefined)?.targets ?? [];
}

export const rowsOf = (outcome: Pick<Outcome, 'details'>): readonly StatusRow[] =>
  detailsOf(outcome).flatMap(({ rows }) => rows);

/** One table: the names of pods begin with the names of their StatefulSets. */
export async function renderStatus(outcome: Outcome, { format, headers }: StatusLook): Promise<string> {
  const rows = [...rowsOf(outcome)];
  if (format === 'name') return rows.map(({ pod }) => `pod/${pod}\n`).join('');
  return renderStatusTable(
    { rows, services: [], drainSet: [], surge: null, notes: [] },
    { wide: format === 'wide', headers },
  );
}
