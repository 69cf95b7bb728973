/** Writes a drain set to the weight annotations: one merge patch per Service, locked by resourceVersion, with the bookkeeping in the same patch. */
import { portKeys } from '../core/backends.ts';
import { canariesText, canariesWithout } from '../core/canary.ts';
import { annotationText, type Canaries } from '../core/drain-set.ts';
import { ordinalSet } from '../core/ordinals.ts';
import type { DryRun } from '../core/outcome.ts';
import { RS_WEIGHT_ANNOTATION } from '../core/rs-weight.ts';
import { OWN } from '../core/service.ts';
import { readZeroSeen, zeroSeenText } from '../core/zero-seen.ts';
import type { World } from '../ports.ts';
import { SERVICES } from '../resources.ts';
import type { Facts, ServiceWeights } from './gather.ts';

export interface WeightChange {
  service: string;
  resourceVersion: string;
  /** The annotations to set, null to remove; empty: nothing to write. */
  annotations: Readonly<Record<string, string | null>>;
}

/**
 * The patches under which exactly `drainSet` is at 0 on every Service and port, and exactly `canaries` hold a canary weight.
 * Pure; a Service that already says so gets no patch.
 */
export function planWeights(facts: Facts, drainSet: readonly number[], canaries: Canaries = new Map()): WeightChange[] {
  return facts.services.map((weights) => ({
    service: weights.service.name,
    resourceVersion: weights.service.resourceVersion,
    annotations: changedAnnotations(weights, facts, ordinalSet(drainSet), canariesWithout(canaries, drainSet)),
  }));
}

function changedAnnotations(
  weights: ServiceWeights,
  facts: Facts,
  drainSet: readonly number[],
  canaries: Canaries,
): Record<string, string | null> {
  const { service, current } = weights;
  const nothingHeld = drainSet.length === 0 && canaries.size === 0;
  const former = weights.former === undefined && !nothingHeld ? (current ?? null) : weights.former;
  const text = annotationText({
    current,
    former,
    keys: portKeys(service),
    statefulSet: facts.set.name,
    drainSet,
    canaries: { recorded: weights.canaries.recorded, wanted: canaries },
  });
  const done = nothingHeld || (former !== undefined && text === (former?.text ?? null));
  const uids = new Set(facts.pods.filter((pod) => drainSet.includes(pod.ordinal)).map((pod) => pod.uid));
  const seen = new Map([...readZeroSeen(service)].filter(([uid]) => uids.has(uid)));
  const wanted: Record<string, string | null> = {
    [RS_WEIGHT_ANNOTATION]: text,
    [OWN.former]: done ? null : (service.annotations[OWN.former] ?? current?.text ?? ''),
    [OWN.zeroSeen]: done ? null : zeroSeenText(service, seen),
    [OWN.canary]: done ? null : canariesText(canaries),
  };
  const changed = Object.entries(wanted).filter(([key, value]) => (service.annotations[key] ?? null) !== value);
  // A remembered moment that lost its worth is no reason to write; it goes with the next real change.
  return changed.every(([key]) => key === OWN.zeroSeen) ? {} : Object.fromEntries(changed);
}

export const changes = (plan: readonly WeightChange[]): WeightChange[] =>
  plan.filter((change) => Object.keys(change.annotations).length > 0);

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
