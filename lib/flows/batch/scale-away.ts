/**
 * Every write of the replicas: more of them at once, fewer only after the last look at the pods that go with them, at the end of a surge
 * and by scale; and the wait until those are gone.
 */

import { NotYetError, type Refusal, RefusedError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { TargetIntent, ZeroIntent } from '../../core/intent/intent.ts';
import { scaledAway } from '../../core/safety/scale-rules.ts';
import { ordinalsText } from '../../core/target/ordinals.ts';
import { type PodFacts, podAt } from '../../core/target/pod.ts';
import type { Advice } from '../../core/values/command.ts';
import { toGoOn } from '../../core/values/way.ts';
import { STATEFUL_SETS } from '../../ports/resources.ts';
import type { World } from '../../ports.ts';
import { waitUntil } from '../guard/wait-until.ts';
import { goingPods } from '../safety/stranger-rule.ts';
import { gather } from '../target/gather.ts';
import { rowRefusals } from '../zero/show-zero-look.ts';
import { type BeforeGoing, freshen } from './fresh-look.ts';
import { lastLook } from './last-look.ts';
import { type SeenZero, zeroGrounds } from './zero-grounds.ts';

interface Leaving {
  /** The target as it was when its pods were found at zero. */
  seen: Facts;
  /** Of exactly the pods that go; undefined: there are none, or a dry run has drained none. */
  zero: SeenZero | undefined;
  /** The name under which it is refused, and what can be done instead, if there is anything. */
  rule: Pick<Refusal, 'rule'>;
  instead?: Advice;
}

export interface ScaleDown {
  replicas: number;
  /** Of the same patch. */
  annotations?: Record<string, string | null>;
  leaving: Leaving;
}

/**
 * The ordinals beyond `replicas` go, as the StatefulSet of `facts` has them, in one write after the last look. Throws RefusedError
 * unless each of them has a pod of the StatefulSet's own, or none.
 */
export async function scaleDown(
  world: World,
  intent: TargetIntent & ZeroIntent,
  facts: Facts,
  { replicas, annotations, leaving }: ScaleDown,
): Promise<void> {
  const ordinals = scaledAway(facts.set, replicas);
  const isRehearsed = intent.dryRun !== 'none' && leaving.zero === undefined;
  if (isRehearsed) await goingPods(world, facts, ordinals, leaving.instead);
  const look = isRehearsed ? undefined : await lookBeforeScaling(world, intent, facts, ordinals, leaving);
  await writeReplicas(world, intent, facts, { replicas, annotations, look });
}

/** More replicas, or as many with other annotations: no pod goes. */
export async function scaleUp(
  world: World,
  intent: TargetIntent,
  facts: Facts,
  more: { replicas: number; annotations?: Record<string, string | null> },
): Promise<void> {
  if (more.replicas < facts.set.replicas)
    throw new Error(`${more.replicas} are fewer than ${facts.set.replicas} replicas`);
  await writeReplicas(world, intent, facts, more);
}

/**
 * Takes the last look; what it returns is asked when the replicas are written. Throws RefusedError unless the same pods are
 * still there, weight 0 is wanted and shown by every Service, and no connection came; NotYetError where the proof no longer holds.
 */
async function lookBeforeScaling(
  world: World,
  intent: TargetIntent & ZeroIntent,
  facts: Facts,
  ordinals: readonly number[],
  leaving: Leaving,
): Promise<BeforeGoing> {
  const { clock } = world;
  let takenAtMs = clock.now();
  // Where no pod had to be seen at zero, this look is the beginning.
  const grounds = leaving.zero?.grounds ?? zeroGrounds(clock, intent, { facts, atMs: takenAtMs }, ordinals);
  const take = async (newest: Facts): Promise<boolean> => {
    takenAtMs = clock.now();
    return grounds.holdAt(await lookAtLeaving(world, intent, newest, ordinals, leaving));
  };
  const repeat = async (): Promise<boolean> => take(await gather(world, intent));
  const lapsed = async (): Promise<void> => {
    throw new NotYetError(
      `too much time, or another write, came between the last look at ${ordinalsText(ordinals)} and the scale-down; nothing was scaled`,
      toGoOn('the same command again; it counts anew'),
    );
  };
  if (!(await take(facts))) await lapsed();
  return {
    fresh: () => freshen({ clock, takenAtMs, grounds, repeat, lapsed }),
    again: async () => {
      if (!(await repeat())) await lapsed();
    },
  };
}

/** Returns the newest facts that it has read. */
async function lookAtLeaving(
  world: World,
  intent: TargetIntent & ZeroIntent,
  facts: Facts,
  ordinals: readonly number[],
  { seen, zero, rule, instead }: Leaving,
): Promise<Facts> {
  const pods = (await goingPods(world, facts, ordinals, instead)).filter((pod) => !pod.terminating);
  if (pods.length === 0) return facts;
  const others = pods.filter((pod) => !seen.pods.some((before) => before.uid === pod.uid));
  const look = await lastLook(world, intent, pods);
  await goingPods(world, look.facts, ordinals, instead);
  const refusals: Refusal[] = [
    ...others.map(({ name, ordinal }) => ({
      rule: rule.rule,
      message: podAt(seen.pods, ordinal)
        ? `pod/${name} is not the pod that was at zero: another writer has replaced it`
        : `pod/${name} was not there when the others were at zero`,
    })),
    ...look.blocked.map((refusal) => ({ ...refusal, rule: rule.rule })),
    ...look.others,
    ...rowRefusals((await zero?.watch.recount()) ?? [], rule),
  ];
  if (refusals.length > 0) throw new RefusedError(refusals, instead);
  return look.facts;
}

/** The replicas, and annotations of the same patch, only if the StatefulSet is still the version that was looked at. */
async function writeReplicas(
  world: World,
  intent: TargetIntent,
  { set }: Facts,
  {
    replicas,
    annotations,
    look,
  }: { replicas: number; annotations?: Record<string, string | null> | undefined; look?: BeforeGoing | undefined },
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
      if (look === undefined) return;
      if (!again) return look.fresh();
      const { metadata } = await world.kube.get(STATEFUL_SETS, set.name, { signal: world.signal });
      // Once the object has another version, the patch can no longer be applied.
      if (metadata.resourceVersion === set.resourceVersion) await look.again();
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
