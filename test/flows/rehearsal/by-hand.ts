/** The first verbs of a batch as an operator types them, one by one. */
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { recreate } from '../../../lib/flows/verbs/recreate.ts';
import { waitZero } from '../../../lib/flows/verbs/wait-zero.ts';
import { common, type Rehearsal, type RehearsalOptions, rehearse, zero } from './rehearsal.ts';

/** A rehearsal in which these ordinals are drained. */
export const drained = async (ordinals: number[], options?: RehearsalOptions): Promise<Rehearsal> => {
  const rehearsal = rehearse(options);
  await drain(rehearsal.world, { ...common, ordinals });
  return rehearsal;
};

export const wait = (rehearsal: Rehearsal, more: object = {}) =>
  waitZero(rehearsal.world, { ...common, ...zero, ...more });

export const renew = (rehearsal: Rehearsal, more: object = {}) =>
  recreate(rehearsal.world, { ...common, ...zero, evict: false, force: false, ...more });
