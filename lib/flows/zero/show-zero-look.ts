/** How a look of a wait for zero is shown to people. */

import { ordinalNote } from '../../core/outcome/build-outcome.ts';
import { type ZeroView, zeroLine } from '../../core/zero/zero-view.ts';
import type { World } from '../../ports.ts';
import type { ZeroLook } from './zero-watch.ts';

/** What keeps the pods from being at zero, a line each; empty: they are. */
export function zeroLookLines(look: ZeroLook, ordinals: readonly number[]): string[] {
  if (look.unread !== undefined) return [`cannot look now, trying again: ${look.unread}`];
  if (look.blocked.length > 0) return look.blocked.map(({ message }) => message);
  const open = [...look.open, ...look.details.rows.filter((row) => row.verdict !== 'zero').map(zeroLine)];
  return open.length > 0 ? open : look.verdict === 'zero' ? [] : [`nothing counts ${ordinalNote(ordinals)} yet`];
}

/** Shows where the wait stands: as a table where the reporter has one, else as lines. */
export function showZeroLook(
  { report }: World,
  look: ZeroLook,
  ordinals: readonly number[],
  when: Pick<ZeroView, 'subject' | 'atMs' | 'waitedMs'>,
): void {
  const isCounted = look.unread === undefined && look.blocked.length === 0;
  const notes = isCounted ? look.open : zeroLookLines(look, ordinals);
  if (report.table !== undefined) report.table({ ...when, backends: look.backends, notes });
  else if (look.verdict !== 'zero') report.progress(zeroLookLines(look, ordinals).join('\n'));
}
