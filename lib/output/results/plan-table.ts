/** The table of `plan`: one line per step, with what it touches and how long it takes at the least. */

import type { PlanStep, UpgradePlan } from '../../core/plan/upgrade-plan.ts';
import { formatOrdinals } from '../../core/target/ordinals.ts';
import { formatDuration } from '../../core/values/duration.ts';
import { renderTable } from '../table.ts';

/** '' when there is nothing to do. */
export async function renderPlanTable({ steps }: UpgradePlan, options: { headers: boolean }): Promise<string> {
  const rows = steps.map((step, index) => [
    String(index + 1),
    commandText(step),
    touchesText(step) || '<none>',
    takesText(step) || '<none>',
    step.look,
  ]);
  return rows.length === 0 ? '' : renderTable(['STEP', 'COMMAND', 'TOUCHES', 'TAKES', 'LOOK AT'], rows, options);
}

export const commandText = ({ tool, words }: PlanStep): string =>
  [tool === 'zeroloss' ? 'kubectl zeroloss' : 'kubectl', ...words].join(' ');

/** The pods of a batch are told by their ordinals. */
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

/** `12 connections now`; null: unknown. */
export const connectionsText = (connections: number | null): string =>
  connections === null ? 'connections unknown' : `${connections} connection${connections === 1 ? '' : 's'} now`;

const wholeSeconds = (ms: number): number => Math.ceil(ms / 1000) * 1000;

/** `3 batches, 14 steps; 12m or more, 34 connections now on the pods to be replaced`. */
export function planSummary({ batches, steps, leastMs = 0, connections }: UpgradePlan): string {
  if (steps.length === 0) return 'nothing to do: every pod is updated';
  const counted = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;
  const parts = `${counted(batches.length, 'batch', 'batches')}, ${counted(steps.length, 'step', 'steps')}`;
  const time = leastMs === 0 ? [] : [`${formatDuration(wholeSeconds(leastMs))} or more`];
  const open =
    connections === undefined || batches.length === 0
      ? []
      : [
          connections === null
            ? 'the connections of the pods to be replaced are unknown'
            : `${connectionsText(connections)} on the pods to be replaced`,
        ];
  return [parts, ...(time.length + open.length === 0 ? [] : [[...time, ...open].join(', ')])].join('; ');
}
