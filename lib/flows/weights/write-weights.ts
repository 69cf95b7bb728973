/** Writes weights to the annotations: one merge patch per Service, locked by resourceVersion, with the bookkeeping in the same patch. */
import type { DryRun } from '../../core/outcome/outcome.ts';
import { changes, type WeightChange } from '../../core/weights/plan-weights.ts';
import { SERVICES } from '../../ports/resources.ts';
import type { World } from '../../ports.ts';

/** Sends the patches. A Service that changed since it was read answers 409 (StatusError, reason Conflict) and is not written. */
export async function applyWeights(world: World, plan: readonly WeightChange[], dryRun: DryRun): Promise<void> {
  if (dryRun === 'client') return;
  for (const change of changes(plan)) {
    const patch = { metadata: { resourceVersion: change.resourceVersion, annotations: change.annotations } };
    await world.kube.patch(SERVICES, change.service, patch, {
      type: 'merge',
      dryRun: dryRun === 'server',
      signal: world.signal,
    });
  }
}
