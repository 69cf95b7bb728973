/** What `status` prints, for one StatefulSet or several. */
import type { StatusDetails, StatusOfMany, StatusRow } from '../../core/status/status-view.ts';
import type { OutcomePrinter } from '../results/outcome-printer.ts';
import { renderStatusTable } from './status-table.ts';

/** Of every StatefulSet. */
export const rowsOf = (details: StatusDetails | StatusOfMany): readonly StatusRow[] =>
  'targets' in details ? details.targets.flatMap(({ rows }) => rows) : details.rows;

/** One table: the names of pods begin with the names of their StatefulSets. */
export const statusPrinter: OutcomePrinter<StatusDetails | StatusOfMany> = {
  text: ({ details }, { format, headers, width }) =>
    renderStatusTable(rowsOf(details), { wide: format === 'wide', headers, width }),
  names: ({ details }) => rowsOf(details).map(({ pod }) => `pod/${pod}`),
  // Of several the message has them, each under its name.
  notes: (details) => ('targets' in details ? [] : details.notes),
};
