/** The window of an upgrade on a terminal: one line per pod that is on its road, rewritten in place at every look. */

import type { Place, SeenPod } from '../../core/window/place.ts';
import { roadText, type WindowView, windowTitle } from '../../core/window/window-view.ts';
import { textWidth } from '../text-width.ts';
import { fit, type Screen } from './live-table.ts';

/** Under the view: the prompt's line, and one to spare. */
const FREE_LINES = 2;
const GAP = 3;
/** Pods that need a person stand first where not all fit, then those nearest to their end. */
const FIRST: readonly Place[] = ['sick', 'failing', 'starting', 'ready', 'returning', 'at-zero', 'draining', 'soaking'];

/** Lines no longer than the screen is wide, and no more of them than it is high; what does not fit is counted in the last one. */
export function renderLiveWindow(view: WindowView, { columns, rows, paint }: Screen): string[] {
  const paused = view.pausedFor ?? view.paused;
  const notes = paused === undefined ? [] : [paused];
  const room = rows === undefined ? Number.POSITIVE_INFINITY : rows - FREE_LINES - 1 - notes.length;
  const shown = chosen(view.pods, Math.max(1, room));
  const names = shown.map(({ ordinal }) => `${view.name}-${ordinal}`);
  const width = Math.max(0, ...names.map(textWidth)) + GAP;
  const left = view.pods.length - shown.length;
  return [
    fit(windowTitle(view), columns),
    ...shown.map((pod, index) => {
      const name = names[index] ?? '';
      const line = fit(`${name}${' '.repeat(width - textWidth(name))}${roadText(pod)}`, columns);
      return isTrouble(pod) ? paint.warn(line) : line;
    }),
    ...(left === 0 ? [] : [fit(`and ${left} more`, columns)]),
    ...notes.map((note) => fit(note, columns)),
  ];
}

const isTrouble = ({ place }: SeenPod): boolean => place === 'sick' || place === 'failing';

function chosen(pods: readonly SeenPod[], room: number): readonly SeenPod[] {
  if (pods.length <= room) return pods;
  const first = [...pods].sort((a, b) => FIRST.indexOf(a.place) - FIRST.indexOf(b.place));
  return first.slice(0, Math.max(1, room - 1)).sort((a, b) => a.ordinal - b.ordinal);
}
