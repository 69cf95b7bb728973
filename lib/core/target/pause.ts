/**
 * The pause of an upgrade: an annotation on the StatefulSet that any colleague can write, from anywhere. While it stands, no verb
 * drains or deletes; giving weights back goes on.
 */

import type { Refusal } from '../errors.ts';
import { BOOKKEEPING_FORMAT, formatWithin } from '../values/bookkeeping-format.ts';
import { own } from '../values/command.ts';
import { agoText } from '../values/duration.ts';
import { oneLine } from '../values/read.ts';
import { parseTime } from '../values/time.ts';
import type { StatefulSetFacts } from './stateful-set-facts.ts';

/** On the StatefulSet. */
export const PAUSED = 'kubectl-zeroloss/paused';

export interface Pause {
  /** `user@host`; empty where the annotation does not say. */
  by: string;
  /** RFC 3339, by the API server's clock; empty where the annotation does not say. */
  at: string;
  reason?: string;
}

export const pauseText = ({ by, at, reason }: Pause): string =>
  JSON.stringify({ format: BOOKKEEPING_FORMAT, by, at, ...(reason === undefined ? {} : { reason }) });

/**
 * Undefined: not paused. An annotation of any other shape or format pauses too: its writer wanted everything to stop, and
 * its text is all that is known of the reason.
 */
export function readPause({ annotations }: Pick<StatefulSetFacts, 'annotations'>): Pause | undefined {
  const text = annotations[PAUSED];
  if (text === undefined) return undefined;
  const { format, by, at, reason } = parsed(text);
  if (format !== BOOKKEEPING_FORMAT || typeof by !== 'string' || typeof at !== 'string')
    return { by: '', at: '', ...(text.trim() === '' ? {} : { reason: oneLine(text) }) };
  return { by: oneLine(by), at: oneLine(at), ...(typeof reason === 'string' ? { reason: oneLine(reason) } : {}) };
}

/** The format number of a pause; undefined: none, as in an annotation that was written by hand. */
export const pauseFormat = ({ annotations }: Pick<StatefulSetFacts, 'annotations'>): unknown =>
  formatWithin(annotations[PAUSED]);

function parsed(text: string): Partial<Record<'format' | 'by' | 'at' | 'reason', unknown>> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

/** `statefulset/nginx is paused by ann@laptop since 2026-11-29T10:00:00Z: error rate`; with the time it is now, `… 12s ago`. */
export function pauseLine(name: string, { by, at, reason }: Pause, nowMs?: number): string {
  const who = by === '' ? '' : ` by ${by}`;
  const ago = nowMs === undefined || !Number.isFinite(parseTime(at)) ? undefined : agoText(nowMs - parseTime(at));
  const when = at === '' ? '' : ago === undefined ? ` since ${at}` : `, ${ago}`;
  return `statefulset/${name} is paused${who}${when}${reason === undefined ? '' : `: ${reason}`}`;
}

/** Refuses every new drain and deletion while the StatefulSet is paused. */
export function pausedRule(set: Pick<StatefulSetFacts, 'name' | 'annotations'>): Refusal[] {
  const pause = readPause(set);
  if (pause === undefined) return [];
  return [
    {
      rule: 'paused',
      message: `${pauseLine(set.name, pause)}: no pod is drained or deleted until it is resumed`,
      cure: own('resume', set.name).note('after asking who paused it'),
    },
  ];
}
