/** Scaling pods away, at the end of a surge and by scale: the last look before the replicas change, and the wait until the pods are gone. */

import { NotYetError, type Refusal, RefusedError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { TargetIntent, ZeroIntent } from '../../core/intent/intent.ts';
import { ordinalsText } from '../../core/target/ordinals.ts';
import { type PodFacts, podsAt } from '../../core/target/pod.ts';
import type { Advice } from '../../core/values/command.ts';
import { toGoOn } from '../../core/values/way.ts';
import { STATEFUL_SETS } from '../../ports/resources.ts';
import type { World } from '../../ports.ts';
import { waitUntil } from '../guard/wait-until.ts';
import { gather } from '../target/gather.ts';
import { rowRefusals } from '../zero/show-zero-look.ts';
import type { ZeroWatch } from '../zero/zero-watch.ts';
import { type BeforeGoing, freshen, unwritten } from './fresh-look.ts';
import { type LastLook, lastLook } from './last-look.ts';

export interface Leaving {
  /** The ordinals that are scaled away. */
  ordinals: readonly number[];
  /** The target as it was when its pods were found at zero. */
  seen: Facts;
  /** Of exactly these pods; undefined: there are none. */
  watch: ZeroWatch | undefined;
  /** The name under which it is refused, and what can be done instead, if there is anything. */
  rule: Pick<Refusal, 'rule'>;
  instead?: Advice;
}

/**
 * Takes the last look; what it returns is asked when the replicas are written. Throws RefusedError unless the same pods are
 * still there, weight 0 is wanted and shown by every Service, and no connection came.
 */
export async function lookBeforeScaling(
  world: World,
  intent: TargetIntent & ZeroIntent,
  facts: Facts,
  leaving: Leaving,
): Promise<BeforeGoing> {
  let takenAtMs = world.clock.now();
  let last = await lookAtLeaving(world, intent, facts, leaving);
  const repeat = async (): Promise<boolean> => {
    takenAtMs = world.clock.now();
    const before = last;
    last = await lookAtLeaving(world, intent, facts, leaving);
    return before === undefined || last === undefined || unwritten(before.facts, last.facts);
  };
  const lapsed = async (): Promise<void> => {
    throw new NotYetError(
      `too much time, or another write, came between the last look at ${ordinalsText(leaving.ordinals)} and the scale-down; nothing was scaled`,
      toGoOn('the same command again; it counts anew'),
    );
  };
  return {
    fresh: () => freshen({ clock: world.clock, takenAtMs: () => takenAtMs, repeat, lapsed }),
    again: async () => void (await repeat()),
  };
}

/** Undefined: none of the pods is there. */
async function lookAtLeaving(
  world: World,
  intent: TargetIntent & ZeroIntent,
  facts: Facts,
  { ordinals, seen, watch, rule, instead }: Leaving,
): Promise<LastLook | undefined> {
  const pods = podsAt(facts.pods, ordinals).filter((pod) => !pod.terminating);
  if (pods.length === 0) return undefined;
  const others = pods.filter((pod) => !seen.pods.some((before) => before.uid === pod.uid));
  const look = await lastLook(world, intent, pods);
  const refusals: Refusal[] = [
    ...others.map(({ name }) => ({
      rule: rule.rule,
      message: `pod/${name} is not the pod that was at zero: another writer has replaced it`,
    })),
    ...look.blocked.map((refusal) => ({ ...refusal, rule: rule.rule })),
    ...look.others,
    ...rowRefusals((await watch?.recount()) ?? [], rule),
  ];
  if (refusals.length > 0) throw new RefusedError(refusals, instead);
  return look;
}

/** The replicas, and annotations of the same patch, only if the StatefulSet is still the version that was looked at. */
export async function writeReplicas(
  world: World,
  intent: TargetIntent,
  { set }: Facts,
  replicas: number,
  { annotations, look }: { annotations?: Record<string, string | null>; look?: BeforeGoing } = {},
): Promise<void> {
  const patch = {
    metadata: { resourceVersion: set.resourceVersion, ...(annotations === undefined ? {} : { annotations }) },
    spec: { replicas },
  };
  await world.kube.patch(STATEFUL_SETS, set.name, patch, {
    type: 'merge',
    dryRun: intent.dryRun === 'server',
    signal: world.signal,
    beforeSend: async (again) => {
      if (!again) return await look?.fresh();
      const { metadata } = await world.kube.get(STATEFUL_SETS, set.name, { signal: world.signal });
      // Once the object has another version, the patch can no longer be applied.
      if (metadata.resourceVersion === set.resourceVersion) await look?.again();
    },
  });
}

export interface GoneWait {
  deadlineMs: number;
  /** Of the pods beyond the replicas, those that are waited for. */
  awaited: (pod: PodFacts, facts: Facts) => boolean;
  /** For people: `surplus pods`. */
  what: string;
  hint: string | Advice;
}

/** Until no such pod is left. Throws NotYetError at the time-out. */
export function awaitScaledAway(
  world: World,
  intent: TargetIntent,
  { deadlineMs, awaited, what, hint }: GoneWait,
): Promise<Facts> {
  return waitUntil(world, {
    deadlineMs,
    paceMs: 500,
    look: async () => {
      const facts = await gather(world, intent);
      const end = facts.set.start + facts.set.replicas;
      const left = facts.pods.filter((pod) => pod.ordinal >= end && awaited(pod, facts));
      if (left.length === 0) return { done: facts };
      const names = left.map((pod) => pod.name).join(', ');
      return {
        waiting: `waiting: ${names} still there`,
        timeOut: () => new NotYetError(`${what} are still there: ${names}`, hint),
      };
    },
  });
}
