/** The table of `plan`: one line per step, with the objects it touches and its minimum duration. */

import { type PlanStep, stepCommand } from '../../core/plan/plan-step.ts';
import type { UpgradePlan } from '../../core/plan/upgrade-plan.ts';
import { formatOrdinals } from '../../core/target/ordinals.ts';
import { formatDuration } from '../../core/values/duration.ts';
import type { TableColumn } from '../fit-columns.ts';
import { renderTable, type TableOptions } from '../table.ts';
import { connectionsText, wholeSeconds } from './plan-summary.ts';

/** Commands are there to be copied: they are broken last of all. */
const COLUMNS: readonly TableColumn[] = [
  { header: 'STEP' },
  { header: 'COMMAND', narrows: 'lines', comfort: 44 },
  { header: 'TOUCHES', narrows: 'middle', gives: 1 },
  { header: 'TAKES', narrows: 'lines', gives: 3 },
  { header: 'LOOK AT', narrows: 'lines', gives: 2 },
];

const NONE = '<none>';
const TAKES = COLUMNS.findIndex(({ header }) => header === 'TAKES');

/** '' when there is nothing to do. */
export async function renderPlanTable({ steps }: UpgradePlan, options: TableOptions): Promise<string> {
  const rows = steps.map((step, index) => [
    String(index + 1),
    stepCommand(step),
    touchesText(step) || NONE,
    takesText(step) || NONE,
    step.look,
  ]);
  // Without estimates the column would say the same in every row.
  const left = steps.some((step) => takesText(step) !== '') ? [] : [TAKES];
  const kept = <T>(row: readonly T[]): T[] => row.filter((_, index) => !left.includes(index));
  return rows.length === 0 ? '' : renderTable(kept(COLUMNS), rows.map(kept), options);
}

/** The pods of a batch are shown as their ordinals. */
function touchesText({ touches, ordinals }: PlanStep): string {
  const others = touches.filter((object) => !object.startsWith('pod/'));
  const pods = touches.length - others.length;
  return [
    ...others,
    ...(pods < 2 ? touches.filter((each) => !others.includes(each)) : [`pods ${formatOrdinals(ordinals)}`]),
  ].join(',');
}

function takesText({ leastMs, connections }: PlanStep): string {
  const least = leastMs === undefined || leastMs === 0 ? [] : [`${formatDuration(wholeSeconds(leastMs))} or more`];
  return [...least, ...(connections === undefined ? [] : [connectionsText(connections)])].join('; ');
}
