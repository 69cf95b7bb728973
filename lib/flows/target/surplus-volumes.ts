/** Asks the cluster for claims that surplus pods would find. */
import type { StatefulSetFacts } from '../../core/target/stateful-set-facts.ts';
import { type SurplusVolumes, surplusVolumesOf } from '../../core/target/surplus-volumes.ts';
import { PERSISTENT_VOLUME_CLAIMS } from '../../ports/resources.ts';
import type { World } from '../../ports.ts';
import { listSoftly } from '../guard/softly.ts';

/** Undefined where the pods claim no volume; nothing is asked then. */
export async function surplusVolumes(
  world: World,
  set: StatefulSetFacts,
  surplus: readonly number[],
): Promise<SurplusVolumes | undefined> {
  if (set.claims.length === 0 || surplus.length === 0) return undefined;
  const claims = await listSoftly(world, PERSISTENT_VOLUME_CLAIMS);
  return surplusVolumesOf(set, surplus, claims.known ? claims.value.map(({ metadata }) => metadata.name) : undefined);
}
