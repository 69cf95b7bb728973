/** verify: are the updated pods what they should be, and do they stay so under live traffic? It reads only. */

import { DisagreesError, RefusedError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { VerifyIntent } from '../../core/intent/intent.ts';
import { outcome } from '../../core/outcome/build-outcome.ts';
import type { Outcome } from '../../core/outcome/outcome.ts';
import { advisedDrain } from '../../core/safety/advised-drain.ts';
import { ailments } from '../../core/safety/health-notice.ts';
import { ordinalRule } from '../../core/safety/rules.ts';
import { formatOrdinals, intersection, ordinalsText, without } from '../../core/target/ordinals.ts';
import { isOutdated, podAt } from '../../core/target/pod.ts';
import { type Advice, advice, lines, own } from '../../core/values/command.ts';
import { formatDuration } from '../../core/values/duration.ts';
import { formatTime } from '../../core/values/time.ts';
import { toGoOn } from '../../core/values/way.ts';
import type { World } from '../../ports.ts';
import { deadlineOf } from '../guard/deadline.ts';
import { serverNowMs } from '../guard/server-time.ts';
import { keepLooking } from '../guard/wait-until.ts';
import { seenServing } from '../safety/seen-serving.ts';
import { serviceRefusals } from '../safety/service-refusals.ts';
import { awaitProbed } from '../target/await-probed.ts';
import { linesBack } from '../target/find-way-back.ts';
import { gather } from '../target/gather.ts';
import { gatherObserved } from '../target/gather-observed.ts';
import { observe } from '../target/observe.ts';
import { warnOfLeftBehind } from '../target/orphaned-weights.ts';

interface Baseline {
  uid: string;
  restarts: number;
}

/**
 * Waits until the load balancer has bound and first checked the pods, at most until --timeout, then looks. Throws DisagreesError (exit 7) at the first look at
 * which anything is wrong, naming what, on which pod and since when.
 */
export async function verify(world: World, intent: VerifyIntent): Promise<Outcome> {
  const deadlineMs = deadlineOf(world, intent);
  const found = await gatherObserved(world, intent, deadlineMs);
  warnOfLeftBehind(world, found);
  const ordinals = await chosen(world, found, intent);
  await awaitProbed(world, intent, ordinals, deadlineMs);
  const facts = await gather(world, intent);
  const baseline = new Map(
    facts.pods.map((pod): [number, Baseline] => [pod.ordinal, { uid: pod.uid, restarts: pod.restarts }]),
  );
  await look(world, intent, facts, ordinals, baseline, undefined);
  const beganMs = world.clock.now();
  await keepLooking(world, {
    forMs: intent.forMs,
    paceMs: 2_000,
    look: async () => look(world, intent, await gather(world, intent), ordinals, baseline, beganMs),
  });
  const held = intent.forMs === 0 ? 'now' : `for ${formatDuration(intent.forMs)} under traffic`;
  const results = ordinals.map((ordinal) => ({
    object: `pod/${facts.set.name}-${ordinal}`,
    action: 'verified',
    changed: false,
    note: `updated, ready and healthy ${held}${restartsNote(baseline.get(ordinal)?.restarts ?? 0)}`,
  }));
  return outcome('verify', facts, intent, { results, details: { ordinals, forMs: intent.forMs } });
}

/** One look cannot tell a new restart from an old one: people judge. */
const restartsNote = (restarts: number): string =>
  restarts === 0 ? '' : `, ${restarts} restart${restarts === 1 ? '' : 's'} since it was created`;

async function chosen(world: World, facts: Facts, intent: VerifyIntent): Promise<readonly number[]> {
  const refusals = [...(await serviceRefusals(world, facts)), ...ordinalRule(facts.set, intent.ordinals ?? [])];
  const updated = facts.pods.filter((pod) => !isOutdated(pod, facts.set)).map((pod) => pod.ordinal);
  if (intent.ordinals === undefined && updated.length === 0) {
    refusals.push({
      rule: 'something-updated',
      message: `no pod of statefulset/${facts.set.name} runs the update revision yet: there is nothing to verify`,
      cure: own('upgrade', facts.set.name).note('brings the pods to the update revision'),
    });
  }
  if (refusals.length > 0) throw new RefusedError(refusals);
  return intent.ordinals ?? updated;
}

async function look(
  world: World,
  intent: VerifyIntent,
  facts: Facts,
  ordinals: readonly number[],
  baseline: ReadonlyMap<number, Baseline>,
  /** When the first look had found nothing; undefined: this is the first one. */
  beganMs: number | undefined,
): Promise<void> {
  const { bindings } = await observe(world, facts);
  const nowMs = world.clock.now();
  const ill = new Map(
    ordinals.map((ordinal): [number, string[]] => [
      ordinal,
      ailments({
        set: facts.set,
        pod: podAt(facts.pods, ordinal),
        name: `${facts.set.name}-${ordinal}`,
        bindings: bindings.filter((binding) => binding.pod.ordinal === ordinal),
        nowMs: serverNowMs(world),
        restartsBefore: baseline.get(ordinal)?.restarts,
        uidBefore: baseline.get(ordinal)?.uid,
        underTraffic: intent.forMs > 0,
      }),
    ]),
  );
  const found = [...ill.values()].flat();
  const due = ordinals.filter((ordinal) => isDue(facts, ordinal));
  let isSick = without(ordinals, due).some((ordinal) => (ill.get(ordinal) ?? []).length > 0);
  for (const gate of world.gates ?? []) {
    const because = await gate.failsBecause(world.signal);
    if (because === undefined) continue;
    isSick = true;
    found.push(`gate ${gate.name} failed over ${ordinalsText(ordinals)} of statefulset/${intent.name}: ${because}`);
  }
  const observedMs = beganMs === undefined ? 0 : Math.floor((nowMs - beganMs) / 1000) * 1000;
  if (found.length === 0) {
    if (intent.forMs > 0 && observedMs > 0)
      world.report.progress(`all well for ${formatDuration(observedMs)} of ${formatDuration(intent.forMs)}`);
    return;
  }
  const since =
    beganMs === undefined
      ? ` (at ${formatTime(nowMs)}, at the first look)`
      : ` (at ${formatTime(nowMs)}, after ${formatDuration(observedMs)} without a fault)`;
  // Back is no way for a pod whose turn has not come.
  const back = isSick ? await linesBack(world, facts) : [];
  const hints = [...(await toReplace(world, facts, due)), ...back];
  throw new DisagreesError(
    `${found.join('; ')}${since}`,
    lines(...(hints.length === 0 ? [toGoOn('the same command again')] : hints)),
  );
}

const isDue = ({ set, pods }: Facts, ordinal: number): boolean => {
  const pod = podAt(pods, ordinal);
  return pod !== undefined && !pod.terminating && isOutdated(pod, set);
};

/** Of outdated pods the command that each needs next. */
async function toReplace(world: World, facts: Facts, due: readonly number[]): Promise<Advice[]> {
  const { set, drainSet } = facts;
  const [lit, dark] = [without(due, drainSet), intersection(due, drainSet)];
  const named = (ordinals: readonly number[]) => `${ordinalsText(ordinals)} not replaced yet`;
  return [
    ...(lit.length === 0 ? [] : [advice`${named(lit)}: ${advisedDrain(facts, lit, await seenServing(world, facts))}`]),
    ...(dark.length === 0 ? [] : [advice`${named(dark)}: ${own('wait-zero', set.name, formatOrdinals(dark))}`]),
  ];
}
