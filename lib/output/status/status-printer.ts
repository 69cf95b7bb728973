/** The output of `status`, for one StatefulSet or several. */
import type { StatusDetails, StatusOfMany, StatusRow } from '../../core/status/status-view.ts';
import type { CommandLines } from '../results/command-lines.ts';
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
  data: (details, commands) =>
    'targets' in details
      ? { ...details, targets: details.targets.map((target) => withNotes(target, commands)) }
      : withNotes(details, commands),
};

/** For `-o json`: the same, with notes whose commands can be typed. */
const withNotes = (details: StatusDetails, commands: CommandLines): object => ({
  ...details,
  notes: details.notes.map(commands.render),
});
