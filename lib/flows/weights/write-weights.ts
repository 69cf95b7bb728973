/** Writes weights to the annotations: one merge patch per Service, locked by resourceVersion, with the bookkeeping in the same patch. */
import { type DoneResult, RefusedError } from '../../core/errors.ts';
import type { DryRun, ObjectResult } from '../../core/outcome/outcome.ts';
import { sizeRefusals } from '../../core/safety/annotation-size.ts';
import { changes, type WeightChange } from '../../core/weights/plan-weights.ts';
import { SERVICES } from '../../ports/resources.ts';
import type { World } from '../../ports.ts';
import { withResults } from '../guard/with-results.ts';

/** Sends the patches. Throws RefusedError before the first one when the API server would not accept the annotations of one. A Service that changed since it was read answers 409 (StatusError, reason Conflict) and is not written; the error carries those written before it. Returns the plan, in which those that this run has written in an earlier round (`earlier`: its results) are marked. */
export async function applyWeights(
  world: World,
  plan: readonly WeightChange[],
  dryRun: DryRun,
  earlier: readonly DoneResult[] = [],
): Promise<WeightChange[]> {
  const refusals = sizeRefusals(plan);
  if (refusals.length > 0) throw new RefusedError(refusals);
  if (dryRun === 'client') return [...plan];
  const written: ObjectResult[] = [];
  for (const change of changes(plan)) {
    const patch = { metadata: { resourceVersion: change.resourceVersion, annotations: change.annotations } };
    await withResults(
      () => written,
      () =>
        world.kube.patch(SERVICES, change.service, patch, {
          type: 'merge',
          dryRun: dryRun === 'server',
          signal: world.signal,
        }),
    );
    if (dryRun === 'none')
      written.push({ object: `service/${change.service}`, action: 'weights written', changed: true });
  }
  const isEarlier = ({ service }: WeightChange) => earlier.some(({ object }) => object === `service/${service}`);
  return plan.map((change) => (isEarlier(change) ? { ...change, earlier: true } : change));
}
