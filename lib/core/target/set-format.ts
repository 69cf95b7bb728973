/**
 * The format of the bookkeeping on the StatefulSet. They are texts without room for a number (a replica count, the name of a
 * revision), so that the number stands beside them, in the same patch.
 */

import type { Refusal } from '../errors.ts';
import { BOOKKEEPING_FORMAT, readsFormat } from '../values/bookkeeping-format.ts';
import { kubectl } from '../values/command.ts';
import { LEAVING_NODES } from './leaving-nodes.ts';
import { PAUSED, pauseFormat } from './pause.ts';
import { RESTART_BEGUN } from './restart.ts';
import { FORMER_REVISION } from './revisions.ts';
import type { StatefulSetFacts } from './stateful-set-facts.ts';
import { FORMER_REPLICAS, SET_FORMAT, SURGED_REPLICAS } from './surplus.ts';

type Annotated = Pick<StatefulSetFacts, 'annotations' | 'name'>;

const RECORDS: readonly string[] = [FORMER_REPLICAS, SURGED_REPLICAS, FORMER_REVISION, RESTART_BEGUN, LEAVING_NODES];

/** The annotations of a patch that writes this bookkeeping, null to remove one, with the number that belongs to them. */
export function withSetFormat(
  { annotations }: Annotated,
  bookkeeping: Readonly<Record<string, string | null>>,
): Record<string, string | null> {
  const after = { ...annotations, ...bookkeeping };
  const isKept = RECORDS.some((key) => (after[key] ?? null) !== null);
  const isThere = annotations[SET_FORMAT] !== undefined;
  return { ...bookkeeping, ...(isKept || isThere ? { [SET_FORMAT]: isKept ? String(BOOKKEEPING_FORMAT) : null } : {}) };
}

/** Whether the number stands alone: a version that knows no formats has removed the bookkeeping that it belongs to. */
export const isLeftAlone = ({ annotations }: Pick<Annotated, 'annotations'>): boolean =>
  annotations[SET_FORMAT] !== undefined && RECORDS.every((key) => annotations[key] === undefined);

/** Refuses where another version wrote the bookkeeping on the StatefulSet: it is neither trusted nor erased. */
export function setFormatRefusals({ annotations, name }: Annotated): Refusal[] {
  const format = annotations[SET_FORMAT];
  if (readsFormat(format)) return [];
  const forgotten = [...RECORDS, SET_FORMAT].filter((key) => annotations[key] !== undefined).map((key) => `${key}-`);
  return [
    {
      rule: 'record-format',
      message: `statefulset/${name} holds bookkeeping of format ${format} (annotation ${SET_FORMAT}), and this version reads format ${BOOKKEEPING_FORMAT}: it is not trusted and not erased`,
      cure: kubectl('annotate', 'statefulset', name, ...forgotten).note(
        'forgets the surge and the revision to go back to; the version that wrote them can still finish what it began',
      ),
    },
  ];
}

/** Refuses to take away a pause that another version wrote: what it may hold beside the reason is unknown. */
export function pauseFormatRefusals({ annotations, name }: Annotated): Refusal[] {
  const format = pauseFormat({ annotations });
  if (readsFormat(format)) return [];
  return [
    {
      rule: 'record-format',
      message: `statefulset/${name} is paused in format ${format} (annotation ${PAUSED}), and this version reads format ${BOOKKEEPING_FORMAT}: it holds, and it is not erased`,
      cure: kubectl('annotate', 'statefulset', name, `${PAUSED}-`).note(
        'ends the pause anyway; the version that wrote it can resume',
      ),
    },
  ];
}
