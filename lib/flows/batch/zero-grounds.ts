/**
 * The grounds of a proof of zero: the Services as the look that proved it saw them, and the moment of that look. Law: every step
 * before a deletion or a scale-down is judged against these, however many looks come between; no later look makes them newer.
 */

import { NotYetError } from '../../core/errors.ts';
import type { Facts, ServiceWeights } from '../../core/facts/facts.ts';
import { ownAnnotations, type ServiceFacts } from '../../core/facts/service-facts.ts';
import type { TargetIntent } from '../../core/intent/intent.ts';
import { customWeightText } from '../../core/safety/rules.ts';
import { ordinalSet, ordinalsText } from '../../core/target/ordinals.ts';
import { type PodFacts, podsAt } from '../../core/target/pod.ts';
import { lines } from '../../core/values/command.ts';
import { formatDuration } from '../../core/values/duration.ts';
import { toGoOn } from '../../core/values/way.ts';
import { RS_WEIGHT_ANNOTATION } from '../../core/weights/rs-weight.ts';
import { readZeroSeen } from '../../core/zero/zero-seen.ts';
import type { Clock } from '../../ports.ts';
import type { ZeroWatch } from '../zero/zero-watch.ts';

/** After this long the readings say nothing of the time between: connections may have come and been hidden by a source that lags. */
const LAPSED_MS = 30_000;

export interface ZeroGrounds {
  /** False once too much time has passed since the look that proved zero. A clock that went back makes it old. */
  isRecent(): boolean;
  /** Whether that is so, and these facts show no Service of the target in which a weight may have been given since that look. */
  holdAt(now: Facts): boolean;
}

/** Pods that were seen at zero, and why that may still be believed. */
export interface SeenZero {
  /** Of exactly these pods. */
  watch: ZeroWatch;
  grounds: ZeroGrounds;
}

/**
 * `atMs`: when the look that proved zero began, by this machine's clock. `ordinals`: those that it proved. TKE's controller
 * writes the time of every sync to a Service (facts/tke.md, "sync-begin-time"), so that a new version alone voids nothing. Another
 * writer of the weight annotation does, and so does another moment of weight 0: every verb that gives a weight removes its moment.
 * A weight that a pod itself asks for voids it too, and whatever decides how the load balancer is bound: with nodes bound, or under
 * `mode: skip`, no weight of the annotation holds.
 */
export function zeroGrounds(
  clock: Clock,
  { services: named }: TargetIntent,
  { facts, atMs }: { facts: Facts; atMs: number },
  ordinals: readonly number[],
): ZeroGrounds {
  const pods = podsAt(facts.pods, ordinals);
  const proved = marksOf(facts, pods);
  const asked = new Map(pods.map((pod) => [pod.uid, customWeightText(pod)]));
  const known = new Map(proved);
  const isRecent = (): boolean => Math.abs(clock.now() - atMs) <= LAPSED_MS;
  return {
    isRecent,
    holdAt(now) {
      const seen = marksOf(now, pods);
      // The look saw none that --service leaves out: the first facts that show one are the beginning for it.
      if (named !== undefined) for (const [name, mark] of seen) if (!known.has(name)) known.set(name, mark);
      const isUnwritten = [...seen].every(([name, mark]) => known.get(name) === mark);
      // One that is gone asks for nothing.
      const isAsked = now.pods.every((pod) => (asked.get(pod.uid) ?? customWeightText(pod)) === customWeightText(pod));
      return isRecent() && isUnwritten && isAsked && [...proved.keys()].every((name) => seen.has(name));
    },
  };
}

/** Of each Service another text once a weight of these pods may have been given; where it does not say who wrote it, once anything was written. */
const marksOf = ({ services, set }: Facts, pods: readonly PodFacts[]): Map<string, string> =>
  new Map(services.map((weights) => [weights.service.name, markOf(weights, set.name, pods)]));

function markOf({ service, selection }: ServiceWeights, statefulSet: string, pods: readonly PodFacts[]): string {
  const { uid, resourceVersion, otherWriters, selector, ports, type } = service;
  const moments = readZeroSeen(service, service.annotations[ownAnnotations(statefulSet).zeroSeen]);
  // The moment of a pod is kept where a Service leads to it, and nowhere else.
  const led = pods.filter(({ ordinal }) => selection.reaches(ordinal)).map((pod) => pod.uid);
  const isTraced = otherWriters !== undefined && pods.length > 0 && led.every((each) => moments.has(each));
  if (!isTraced) return `${uid} ${resourceVersion}`;
  const seen = led.map((each) => [each, moments.get(each)]);
  return JSON.stringify([uid, otherWriters, seen, selector, ports, type, bindingAnnotations(service)]);
}

/** Of the cloud's annotations all but the weights, whose writers are known, and the controller's marks of its own work (facts/tke.md). */
const bindingAnnotations = ({ annotations }: ServiceFacts): [string, string][] =>
  Object.entries(annotations)
    .filter(([key]) => /^service\.(cloud\.tencent\.com|kubernetes\.io)\//.test(key))
    .filter(([key]) => key !== RS_WEIGHT_ANNOTATION && !/\/(sync-(begin|end)-time|client-token)$/.test(key))
    .sort(([one], [other]) => (one < other ? -1 : 1));

/** The error of a deletion whose proof does not hold, and that has no time left for another one. */
export const lapsedProof = (pods: readonly PodFacts[]): NotYetError =>
  new NotYetError(
    `too much time, or another write, came between the proof that ${ordinalsText(ordinalSet(pods.map(({ ordinal }) => ordinal)))} ${pods.length === 1 ? 'is' : 'are'} at zero and the deletion; nothing was deleted for it`,
    toGoOn('the same command again; it counts anew'),
  );

/** So many in a row are no sleep of this machine: the next one is as slow. */
export const SLOW_PROOFS = 3;

/** The error of proofs that are each too old once the last look is over: another one would be, too. */
export function slowProof(
  clock: Pick<Clock, 'now'>,
  pods: readonly PodFacts[],
  { provedAtMs, takenAtMs }: { provedAtMs: number; takenAtMs: number },
): NotYetError {
  const which = ordinalsText(ordinalSet(pods.map(({ ordinal }) => ordinal)));
  const text = (ms: number): string => formatDuration(Math.max(0, Math.ceil(ms / 1000) * 1000));
  return new NotYetError(
    `${which} ${pods.length === 1 ? 'was' : 'were'} at zero each time, and the proof was too old each time: a proof holds for ${text(LAPSED_MS)}, and its own look took ${text(takenAtMs - provedAtMs)} and the last look ${text(clock.now() - takenAtMs)}; nothing was deleted for it`,
    lines(
      'the API server, the load balancer or a source answers slowly, and -v 6 shows which; fewer pods at a time take less',
      toGoOn('the same command again; it counts anew'),
    ),
  );
}
