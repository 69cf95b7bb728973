/** Keeps the moment at which a pod was first seen at weight 0: the windows of later verbs are counted from it. */

import { StatusError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import { ownAnnotations, type ServiceFacts } from '../../core/facts/service-facts.ts';
import type { TargetIntent } from '../../core/intent/intent.ts';
import { type PodFacts, podsAt } from '../../core/target/pod.ts';
import { isUnbound } from '../../core/zero/never-bound.ts';
import { type Proof, proofFor } from '../../core/zero/proof.ts';
import { readZeroSeen, zeroSeenText } from '../../core/zero/zero-seen.ts';
import { SERVICES } from '../../ports/resources.ts';
import type { World } from '../../ports.ts';
import { serverNowMs } from '../guard/server-time.ts';
import { gather } from '../target/gather.ts';
import type { Confirmed } from './confirm-weights.ts';

/** The moment for each of the pods, by UID, on which all Services that lead to the pod agree, in the API server's time; a pod that one of them does not know is left out. */
export function zeroSeenMs({ services, set, pods: all }: Facts, pods: readonly PodFacts[] = all): Map<string, number> {
  const perService = services.map(({ service, selection }) => ({ selection, seen: seenOn(service, set.name) }));
  return new Map(
    pods.flatMap(({ uid, ordinal }): [string, number][] => {
      const moments = perService
        .filter(({ selection }) => selection.reaches(ordinal))
        .map(({ seen }) => seen.get(uid) ?? Number.POSITIVE_INFINITY);
      const lastMs = Math.max(...moments);
      return Number.isFinite(lastMs) ? [[uid, lastMs]] : [];
    }),
  );
}

export interface Remembering {
  /** Pod UID to its moment, in the API server's time; without one it is now. */
  moments?: ReadonlyMap<string, number>;
  /** Pods, by UID, whose kept moment no longer holds. */
  again?: ReadonlySet<string>;
}

/**
 * Writes the moment for the pods of these ordinals that have none yet; resolves to the UIDs that every Service has it of. It
 * is a convenience, not a lock: a conflict or a refusal only means that the next verb counts its own window, so it is traced
 * at -v 2 and forgotten.
 */
export async function rememberZero(
  world: World,
  { facts, observation }: Confirmed,
  ordinals: readonly number[],
  { moments, again }: Remembering = {},
): Promise<readonly string[]> {
  // A pod that is bound nowhere shows no weight; its moment comes when it is.
  const pods = podsAt(facts.pods, ordinals).filter((pod) => !isUnbound(observation, pod));
  let isKept = true;
  for (const { service, selection } of facts.services) {
    const led = pods.filter(({ ordinal }) => selection.reaches(ordinal));
    if (led.length === 0) continue;
    const balancer = observation.bound.find((bound) => bound.service.name === service.name)?.balancer;
    const seen = new Map(seenOn(service, facts.set.name));
    const missing = led.filter(({ uid }) => !seen.has(uid) || again?.has(uid));
    // Where the server does not say who wrote the annotation, a moment could not be trusted later.
    if (balancer === undefined || service.otherWriters === undefined) isKept = false;
    else if (missing.length > 0) {
      const nowMs = serverNowMs(world);
      for (const pod of missing) seen.set(pod.uid, moments?.get(pod.uid) ?? nowMs);
      isKept = (await keep(world, service, facts, zeroSeenText(service, seen))) === 'kept' && isKept;
    }
  }
  return isKept ? pods.map(({ uid }) => uid) : [];
}

/**
 * Takes the moments of these ordinals' pods away: new connections came in between. Where another writer has written meanwhile,
 * all of the StatefulSet's moments go, unseen: a window that is counted anew is the worst that can come of it.
 */
export async function forgetZero(world: World, facts: Facts, ordinals: readonly number[]): Promise<void> {
  const uids = podsAt(facts.pods, ordinals).map((pod) => pod.uid);
  for (const { service } of facts.services) {
    const seen = new Map(seenOn(service, facts.set.name));
    if (!uids.some((uid) => seen.has(uid))) continue;
    for (const uid of uids) seen.delete(uid);
    const result = await keep(world, service, facts, zeroSeenText(service, seen));
    if (result === 'conflict') await keep(world, { ...service, resourceVersion: undefined }, facts, null);
  }
}

/**
 * Leaves a proof beside the moments, on every Service that leads to its pods. A convenience too: where it cannot be kept, or
 * the moments are no longer those that it rests on, the next command counts its own window.
 */
export async function leaveProof(
  world: World,
  intent: TargetIntent,
  proved: Facts,
  proof: Proof,
  again = true,
): Promise<void> {
  const { set, pods, services } = proved;
  for (const { service, selection } of services) {
    const seen = seenOn(service, set.name);
    const isLed = (uid: string) => pods.some((pod) => pod.uid === uid && selection.reaches(pod.ordinal));
    const own = proofFor(proof, (uid) => seen.has(uid) && isLed(uid));
    if (own === undefined) continue;
    const result = await keep(world, service, proved, zeroSeenText(service, seen, own));
    if (result !== 'conflict' || !again) continue;
    // A controller writes here too. Its write is no weight as long as the moments are the same.
    const now = await gather(world, intent);
    const [before, after] = [zeroSeenMs(proved), zeroSeenMs(now)];
    const isSame = Object.keys(own.pods).every((uid) => after.has(uid) && after.get(uid) === before.get(uid));
    if (isSame) await leaveProof(world, intent, now, proof, false);
    return;
  }
}

const seenOn = (service: ServiceFacts, statefulSet: string): ReadonlyMap<string, number> =>
  readZeroSeen(service, service.annotations[ownAnnotations(statefulSet).zeroSeen]);

async function keep(
  world: World,
  { name, resourceVersion }: { name: string; resourceVersion: string | undefined },
  { set }: Facts,
  text: string | null,
): Promise<'kept' | 'conflict' | 'refused'> {
  const annotations = { [ownAnnotations(set.name).zeroSeen]: text };
  const metadata = resourceVersion === undefined ? { annotations } : { resourceVersion, annotations };
  try {
    await world.kube.patch(SERVICES, name, { metadata }, { type: 'merge', signal: world.signal });
    return 'kept';
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    world.report.trace(2, `service/${name}: the moment of weight 0 was not kept: ${error.message}`);
    return error.httpStatus === 409 ? 'conflict' : 'refused';
  }
}
