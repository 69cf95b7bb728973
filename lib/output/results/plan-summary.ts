/** A plan in one sentence. */

import type { UpgradePlan } from '../../core/plan/upgrade-plan.ts';
import type { PlannedWindow } from '../../core/plan/window-steps.ts';
import { formatDuration } from '../../core/values/duration.ts';
import { heldCanariesText } from '../../core/weights/held-canaries.ts';

/** `12 connections now`; null: unknown. */
export const connectionsText = (connections: number | null): string =>
  connections === null ? 'connections unknown' : `${connections} connection${connections === 1 ? '' : 's'} now`;

/** Rounded up, since it is a minimum. */
export const wholeSeconds = (ms: number): number => Math.ceil(ms / 1000) * 1000;

/** `at most 4 pods out at a time (OrderedReady starts 1 at a time)`. */
const windowText = ({ maxUnavailable, startsTogether }: PlannedWindow): string =>
  `at most ${maxUnavailable} ${maxUnavailable === 1 ? 'pod' : 'pods'} out at a time${startsTogether < maxUnavailable ? ` (OrderedReady starts ${startsTogether} at a time)` : ''}`;

type Summarized = Pick<UpgradePlan, 'batches' | 'canaries' | 'window' | 'steps' | 'nodes' | 'leastMs' | 'connections'>;

/** `3 batches, 14 steps; 12m or more, 34 connections now on the pods to be replaced`. */
export function planSummary({ batches, canaries, window, steps, nodes, leastMs = 0, connections }: Summarized): string {
  if (steps.length === 0)
    return `nothing to do: every pod is updated${nodes === undefined ? '' : `, and none is on node ${nodes.join(', ')}`}`;
  const counted = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;
  const way =
    batches.length === 0
      ? 'no pod is to be replaced'
      : window === undefined
        ? counted(batches.length, 'batch', 'batches')
        : windowText(window);
  const raised =
    canaries === undefined ? '' : `; the canary gets the whole weight at once: ${heldCanariesText(canaries)}`;
  const parts = `${way}, ${counted(steps.length, 'step', 'steps')}${raised}`;
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
