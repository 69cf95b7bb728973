/** A rule that cannot be checked refuses nothing here, and is never taken for one that holds. */
import type { World } from '../../ports.ts';

/** Warns with `reason`; a plan shows it beside its refusals too. */
export function notChecked({ report, notChecked: hears }: Pick<World, 'report' | 'notChecked'>, reason: string): void {
  report.warn(reason);
  hears?.(reason);
}
