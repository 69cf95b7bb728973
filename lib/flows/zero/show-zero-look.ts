/** How a look of a wait for zero is shown to people. */

import type { Refusal } from '../../core/errors.ts';
import { heldRule } from '../../core/safety/inside-rule.ts';
import { ordinalsText } from '../../core/target/ordinals.ts';
import { type ZeroRow, type ZeroView, zeroLine } from '../../core/zero/zero-view.ts';
import type { World } from '../../ports.ts';
import type { ZeroLook } from './zero-watch.ts';

/** The reasons why the pods are not at zero, a line each; empty: they are. */
export function zeroLookLines(look: ZeroLook, ordinals: readonly number[]): string[] {
  if (look.unread !== undefined) return [`cannot read now, trying again: ${look.unread}`];
  if (look.blocked.length > 0) return look.blocked.map(({ message }) => message);
  const open = [...look.open, ...look.details.rows.filter((row) => row.verdict !== 'zero').map(zeroLine)];
  return open.length > 0 ? open : look.verdict === 'zero' ? [] : [`nothing counts ${ordinalsText(ordinals)} yet`];
}

/** The same as refusals: what is held past the load balancer has a rule, and a way out, of its own. */
export function zeroLookRefusals(
  look: ZeroLook,
  ordinals: readonly number[],
  all: Required<Pick<Refusal, 'rule' | 'override'>>,
): Refusal[] {
  if (look.unread !== undefined) return zeroLookLines(look, ordinals).map((message) => ({ ...all, message }));
  if (look.blocked.length > 0) return look.blocked.map((refusal) => ({ ...refusal, override: all.override }));
  return [...rowRefusals(look.details.rows, all), ...look.open.map((message) => ({ ...all, message }))];
}

/** Of each row that is not at zero; what is held past the load balancer first, for its way out is the one that helps. */
export function rowRefusals(rows: readonly ZeroRow[], all: Pick<Refusal, 'rule' | 'override'>): Refusal[] {
  const isHeldInside = (row: ZeroRow): boolean => row.inside !== undefined && row.verdict === 'busy';
  const open = rows.filter(({ verdict }) => verdict !== 'zero');
  return [
    ...open.filter(isHeldInside).map(heldRule),
    ...open.filter((row) => !isHeldInside(row)).map((row) => ({ ...all, message: zeroLine(row) })),
  ];
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
