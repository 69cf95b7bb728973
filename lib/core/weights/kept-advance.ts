/** The last write of `advance`, kept on the Service in the same patch: how the same command typed again knows its own work. */

import { ordinalSet } from '../target/ordinals.ts';
import { BOOKKEEPING_FORMAT } from '../values/bookkeeping-format.ts';

export interface KeptAdvance {
  /** The ordinals that got their weight back. */
  back: readonly number[];
  /** The ordinals that were set to 0 with them, or are to be. */
  next: readonly number[];
  /** The update revision of that moment. */
  revision: string;
  /** `back`: the weights are given back, the drain of `next` is still to come. `done`: both are written. */
  stage: 'back' | 'done';
}

/** 'unknown': a note of another format, or none of ours; undefined: there is none. */
export function readKeptAdvance(text: string | undefined): KeptAdvance | 'unknown' | undefined {
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'unknown';
  }
  const { format, back, next, revision, stage } = (value ?? {}) as Record<string, unknown>;
  if (format !== BOOKKEEPING_FORMAT || !isOrdinals(back) || !isOrdinals(next) || typeof revision !== 'string')
    return 'unknown';
  return stage === 'back' || stage === 'done' ? { back, next, revision, stage } : 'unknown';
}

export const keptAdvanceText = ({ back, next, revision, stage }: KeptAdvance): string =>
  JSON.stringify({ format: BOOKKEEPING_FORMAT, back: ordinalSet(back), next: ordinalSet(next), revision, stage });

const isOrdinals = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((ordinal) => Number.isInteger(ordinal) && ordinal >= 0);
