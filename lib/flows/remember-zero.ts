/** Keeps the moment at which a pod was first seen at weight 0: the windows of later verbs are counted from it. */
import { OWN, type ServiceFacts } from '../core/service.ts';
import { readZeroSeen, zeroSeenText } from '../core/zero-seen.ts';
import { StatusError } from '../errors.ts';
import type { World } from '../ports.ts';
import { SERVICES } from '../resources.ts';
import type { Confirmed } from './confirm-weights.ts';
import type { Facts } from './gather.ts';
import { isUnbound } from './never-bound.ts';

/**
 * The moment for each pod UID on which all Services agree; a pod that one of them does not know is left out. Moments are kept
 * in the API server's time, for another machine's clock may differ; `clockAheadMs`: how far this one's is ahead of it.
 */
export function zeroSeenMs(facts: Facts, clockAheadMs = 0): Map<string, number> {
  const perService = facts.services.map(({ service }) => readZeroSeen(service));
  const first = perService[0] ?? new Map<string, number>();
  const everywhere = [...first.keys()].filter((uid) => perService.every((seen) => seen.has(uid)));
  return new Map(
    everywhere.map((uid) => {
      const latestMs = Math.max(...perService.map((seen) => seen.get(uid) ?? Number.POSITIVE_INFINITY));
      return [uid, latestMs + clockAheadMs];
    }),
  );
}

/**
 * Writes the moment for the pods of these ordinals that have none yet. It is a convenience, not a lock: a conflict or
 * a refusal only means that the next verb counts its own window, so it is said at -v 2 and forgotten.
 */
export async function rememberZero(world: World, confirmed: Confirmed, ordinals: readonly number[]): Promise<void> {
  const { facts, observation } = confirmed;
  // A pod that is bound nowhere shows no weight; its moment comes when it is.
  const pods = facts.pods.filter((pod) => ordinals.includes(pod.ordinal) && !isUnbound(observation, pod));
  for (const { service } of facts.services) {
    const balancer = observation.bound.find((bound) => bound.service.name === service.name)?.balancer;
    const seen = new Map(readZeroSeen(service));
    const missing = pods.filter((pod) => !seen.has(pod.uid));
    // Where the server does not say who wrote the annotation, a moment could not be trusted later.
    if (balancer === undefined || missing.length === 0 || service.otherWriters === undefined) continue;
    // The read began at observedAtMs; what it shows held at its end, so the later of both moments is the honest one.
    const nowMs = world.clock.now() - (world.kube.clockAheadMs?.() ?? 0);
    for (const pod of missing) seen.set(pod.uid, nowMs);
    await keep(world, service, zeroSeenText(service, seen));
  }
}

/** Takes the moments of these ordinals' pods away: new connections came in between. The same convenience as remembering, and as quiet. */
export async function forgetZero(world: World, facts: Facts, ordinals: readonly number[]): Promise<void> {
  const uids = facts.pods.filter((pod) => ordinals.includes(pod.ordinal)).map((pod) => pod.uid);
  for (const { service } of facts.services) {
    const seen = new Map(readZeroSeen(service));
    if (!uids.some((uid) => seen.has(uid))) continue;
    for (const uid of uids) seen.delete(uid);
    await keep(world, service, zeroSeenText(service, seen));
  }
}

async function keep(world: World, service: ServiceFacts, text: string | null): Promise<void> {
  const patch = {
    metadata: { resourceVersion: service.resourceVersion, annotations: { [OWN.zeroSeen]: text } },
  };
  try {
    await world.kube.patch(SERVICES, service.name, patch, { type: 'merge', signal: world.signal });
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    world.report.trace(2, `service/${service.name}: the moment of weight 0 was not kept: ${error.message}`);
  }
}
