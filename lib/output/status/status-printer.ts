/** The output of `status`, for one StatefulSet or several. */

import { differing } from '../../core/intent/target-place.ts';
import type { StatusDetails, StatusOfMany } from '../../core/status/status-view.ts';
import type { CommandLines } from '../results/command-lines.ts';
import type { OutcomePrinter } from '../results/outcome-printer.ts';
import { type PlacedRow, renderStatusTable } from './status-table.ts';

/** Of every StatefulSet, each with the parts of its place that differ among them. */
export function rowsOf(details: StatusDetails | StatusOfMany): readonly PlacedRow[] {
  if (!('targets' in details)) return details.rows;
  const { targets, unreached = [] } = details;
  const differ = differing(targets, unreached);
  return targets.flatMap(({ rows, context, namespace }) =>
    rows.map((row) => ({
      ...row,
      ...(differ.context ? { context } : {}),
      ...(differ.namespace ? { namespace } : {}),
    })),
  );
}

/** One table: the names of pods begin with the names of their StatefulSets. */
export const statusPrinter: OutcomePrinter<StatusDetails | StatusOfMany> = {
  // One that cannot be shown does not take the others off stdout.
  isReport: true,
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
