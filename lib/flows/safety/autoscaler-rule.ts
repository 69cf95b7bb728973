/** The rule about autoscalers of the replicas, asked of the cluster. */

import type { Refusal } from '../../core/errors.ts';
import { type ScaledWorkload, type Scaler, scalerRefusals, scalersOf } from '../../core/safety/scalers.ts';
import { type Known, known } from '../../core/values/known.ts';
import { HORIZONTAL_POD_AUTOSCALERS, HORIZONTAL_POD_CRONSCALERS } from '../../ports/resources.ts';
import type { World } from '../../ports.ts';
import { listSoftly } from '../guard/softly.ts';
import { notChecked } from './not-checked.ts';

/** The known ones, and why the rest is unknown: one kind may be readable and the other not. */
export interface Scalers {
  found: readonly Scaler[];
  unread: readonly string[];
}

/** A cluster that does not serve one of the kinds has none of it. */
export async function readScalers(world: World, set: ScaledWorkload): Promise<Scalers> {
  const autoscalers = await listSoftly(world, HORIZONTAL_POD_AUTOSCALERS);
  const cronscalers = await listSoftly(world, HORIZONTAL_POD_CRONSCALERS);
  const unread = { HorizontalPodAutoscalers: autoscalers, HorizontalPodCronscalers: cronscalers };
  return {
    found: scalersOf(set, autoscalers.known ? autoscalers.value : [], cronscalers.known ? cronscalers.value : []),
    unread: Object.entries(unread).flatMap(([kind, each]) => (each.known ? [] : [`${kind} (${each.because})`])),
  };
}

/** Refuses for each that owns the replicas. Without permission to list them: warns that it is unknown, and goes on. */
export async function autoscalerRule(world: World, set: ScaledWorkload): Promise<Refusal[]> {
  const { found, unread } = await readScalers(world, set);
  for (const kind of unread)
    notChecked(world, `cannot be read: ${kind}; whether one of them owns the replicas is unknown`);
  return scalerRefusals(found);
}

/** For check: unknown where nothing is found and something could not be read. */
export async function knownScalers(world: World, set: ScaledWorkload): Promise<Known<readonly Scaler[]>> {
  const { found, unread } = await readScalers(world, set);
  return found.length > 0 || unread.length === 0 ? known(found) : { known: false, because: unread.join('; ') };
}
