/** The way back of a target, judged with the revisions that the API server keeps. */

import type { Facts } from '../../core/facts/facts.ts';
import { type WayBack, wayBack } from '../../core/outcome/way-back.ts';
import { readRevisions } from '../../core/target/revisions.ts';
import type { Way } from '../../core/values/command.ts';
import { toGoBack } from '../../core/values/way.ts';
import { CONTROLLER_REVISIONS } from '../../ports/resources.ts';
import type { World } from '../../ports.ts';
import { softly } from '../guard/softly.ts';

/** Undefined where there is no way back. Without permission to list revisions it is judged by the bookkeeping alone. Throws only on abort. */
export async function findWayBack(world: World, { set, pods }: Facts): Promise<WayBack | undefined> {
  const found = await softly(world, () =>
    world.kube.list(CONTROLLER_REVISIONS, { labelSelector: set.selectorText, signal: world.signal }),
  );
  return wayBack(set, pods, found.known ? readRevisions(found.value.items, set) : undefined);
}

/** `to go back: …` as the lines of a hint: one, or none. */
export async function linesBack(world: World, facts: Facts): Promise<Way[]> {
  const back = await findWayBack(world, facts);
  return back === undefined ? [] : [toGoBack(back.command)];
}
