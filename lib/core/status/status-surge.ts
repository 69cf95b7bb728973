/** The surge that `status` shows. */

import { UsageError } from '../errors.ts';
import type { Facts } from '../facts/facts.ts';
import { formerReplicas, scaleRule, surplusOrdinals } from '../target/surplus.ts';
import type { StatusDetails, StatusNote } from './status-view.ts';

/** Damaged bookkeeping is a note here: looking must always work. */
export function surgeOf({ set }: Facts, notes: StatusNote[]): StatusDetails['surge'] {
  try {
    const former = formerReplicas(set);
    if (former === undefined) return null;
    notes.push(...scaleRule(set).map(({ message }) => message));
    return { formerReplicas: former, surplus: surplusOrdinals(set) };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    notes.push(error.message);
    return null;
  }
}
