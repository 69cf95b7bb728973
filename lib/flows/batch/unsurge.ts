/** The end of a surge: surplus pods go only when they are drained and at zero, and weights come back only when they are gone. */

import { NotYetError, PausedError, RefusedError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { RestoreIntent } from '../../core/intent/intent.ts';
import type { ObjectResult } from '../../core/outcome/outcome.ts';
import { advisedDrain, type SeenServing } from '../../core/safety/advised-drain.ts';
import { formatOrdinals, ordinalsText, without } from '../../core/target/ordinals.ts';
import { pauseLine, readPause } from '../../core/target/pause.ts';
import { withSetFormat } from '../../core/target/set-format.ts';
import {
  FORMER_REPLICAS,
  formerReplicas,
  SURGED_REPLICAS,
  scaleRule,
  surplusOrdinals,
} from '../../core/target/surplus.ts';
import { advice, lines, own } from '../../core/values/command.ts';
import { way } from '../../core/values/way.ts';
import type { World } from '../../ports.ts';
import { withLease } from '../guard/lease.ts';
import { retryConflict } from '../guard/retry-conflict.ts';
import { withResults } from '../guard/with-results.ts';
import { writeEvent } from '../guard/write-event.ts';
import { seenServing } from '../safety/seen-serving.ts';
import { goingPods } from '../safety/stranger-rule.ts';
import { gather } from '../target/gather.ts';
import { awaitZero } from '../zero/await-zero.ts';
import { type CarriedProof, tellCarried } from '../zero/carry-proof.ts';
import { openZeroWatch, type ZeroWatch } from '../zero/zero-watch.ts';
import { awaitScaledAway, scaleDown } from './scale-away.ts';
import { type SeenZero, zeroGrounds } from './zero-grounds.ts';

const AT_ZERO = { rule: 'surplus-at-zero' } as const;

/** Scales the surplus away, if there is one, and waits until its pods are gone. `watch`: of a wait before, whose readings go on. Throws RefusedError while one of them has weight or a connection. */
export async function unsurge(
  world: World,
  intent: RestoreIntent,
  deadlineMs: number,
  watch?: ZeroWatch,
): Promise<ObjectResult[]> {
  const facts = await gather(world, intent);
  const former = formerReplicas(facts.set);
  if (former === undefined) {
    if (intent.dryRun === 'none') await awaitGone(world, intent, deadlineMs);
    return [];
  }
  return withLease(world, intent, 'restore', (held) => takeAway(held, intent, { facts, former, watch }, deadlineMs));
}

/** To scale the surplus away is to delete its pods. */
function refusePaused({ set }: Facts): void {
  const pause = readPause(set);
  if (pause === undefined) return;
  throw new PausedError(
    `${pauseLine(set.name, pause)}: surplus ${ordinalsText(surplusOrdinals(set))} ${surplusOrdinals(set).length === 1 ? 'is' : 'are'} not scaled away until it is resumed; every other pod has its weight`,
    lines(
      way('on', advice`after asking who paused it: ${own('resume', set.name)} && ${own('restore', set.name)}`),
      leaveSurplus(set.name),
    ),
  );
}

async function takeAway(
  world: World,
  intent: RestoreIntent,
  { facts, former, watch: opened }: { facts: Facts; former: number; watch: ZeroWatch | undefined },
  deadlineMs: number,
): Promise<ObjectResult[]> {
  refusePaused(facts);
  const foreign = scaleRule(facts.set);
  if (foreign.length > 0) throw new RefusedError(foreign);
  const zero = await surplusAtZero(world, intent, facts, { deadlineMs, opened });
  const note = `${facts.set.replicas} to ${Math.min(former, facts.set.replicas)} replicas`;
  const result: ObjectResult = { object: `statefulset/${facts.set.name}`, action: 'scaled back', changed: true, note };
  if (intent.dryRun === 'client') return [result];
  await retryConflict(world, `statefulset/${intent.name}`, () =>
    scaleBack(world, intent, { seen: facts, zero }, deadlineMs),
  );
  if (intent.dryRun !== 'none') return [result];
  await writeEvent(
    world,
    facts.set,
    'ZerolossUnsurged',
    `surplus ${ordinalsText(surplusOrdinals(facts.set))} at zero and scaled away, ${note}`,
    { replicas: Math.min(former, facts.set.replicas), pods: surplusOrdinals(facts.set) },
  );
  await withResults(
    () => [result],
    () => awaitGone(world, intent, deadlineMs),
  );
  return [result];
}

async function scaleBack(
  world: World,
  intent: RestoreIntent,
  { seen, zero }: { seen: Facts; zero: SeenZero | undefined },
  deadlineMs: number,
): Promise<void> {
  const facts = await gather(world, intent);
  const { set } = facts;
  const former = formerReplicas(set);
  if (former === undefined) return;
  refusePaused(facts);
  const unproven = without(surplusOrdinals(set), surplusOrdinals(seen.set));
  if (unproven.length > 0 && set.replicas <= seen.set.replicas) {
    throw new RefusedError([
      {
        rule: 'surplus-at-zero',
        message: `another writer has changed how many replicas statefulset/${set.name} is scaled back to (${former}): ${ordinalsText(unproven)} ${unproven.length === 1 ? 'was' : 'were'} not seen at zero`,
        cure: own('status', set.name).note('shows the current and former numbers'),
      },
    ]);
  }
  if (set.replicas > seen.set.replicas) {
    throw new RefusedError([
      {
        rule: 'surplus-at-zero',
        message: `statefulset/${set.name} was scaled up to ${set.replicas} meanwhile; its newest pods were not seen at zero`,
      },
    ]);
  }
  // A weight that was given back is refused by the last look; after any other write it is proved once more.
  const isVoid = zero?.grounds.holdAt(facts) === false && without(zero.watch.ordinals, facts.atZero).length === 0;
  if (zero !== undefined && isVoid && world.clock.now() < deadlineMs) {
    await world.clock.sleep(zero.watch.pollMs(), world.signal);
    const anew = await surplusAtZero(world, intent, seen, { deadlineMs, opened: zero.watch });
    return scaleBack(world, intent, { seen, zero: anew }, deadlineMs);
  }
  await scaleDown(world, intent, facts, {
    replicas: Math.min(former, set.replicas),
    annotations: withSetFormat(set, { [FORMER_REPLICAS]: null, [SURGED_REPLICAS]: null }),
    leaving: { seen, zero, rule: AT_ZERO, instead: leaveSurplus(set.name) },
  });
}

/** Every surplus pod that exists must be drained, and at zero right now; those that never came to be need no proof. */
async function surplusAtZero(
  world: World,
  intent: RestoreIntent,
  facts: Facts,
  { deadlineMs, opened }: { deadlineMs: number; opened: ZeroWatch | undefined },
): Promise<SeenZero | undefined> {
  const going = await goingPods(world, facts, surplusOrdinals(facts.set), leaveSurplus(intent.name));
  const surplus = going.map(({ ordinal }) => ordinal);
  const undrained = without(surplus, facts.atZero);
  if (undrained.length > 0) throw undrainedYet(facts, undrained, await seenServing(world, facts));
  if (surplus.length === 0) return undefined;
  const isOfThese = formatOrdinals(opened?.ordinals ?? []) === formatOrdinals(surplus);
  const goesOn = (carried: CarriedProof) => tellCarried(world, intent, carried);
  const watch = opened !== undefined && isOfThese ? opened : openZeroWatch(world, { ...intent, goesOn }, surplus);
  const zero = await awaitZero(world, watch, {
    name: intent.name,
    ordinals: surplus,
    deadlineMs,
    refusal: (open, { details }) =>
      new NotYetError(
        `surplus ${ordinalsText(surplus)} of statefulset/${intent.name} ${surplus.length === 1 ? 'stays at weight 0 and is' : 'stay at weight 0 and are'} not scaled away: ${open.join('; ')}`,
        lines(
          way('on', advice`${own('wait-zero', intent.name)} && ${own('restore', intent.name)}`),
          leaveSurplus(intent.name),
        ),
        details,
      ),
    timeOut: (open, { details }) =>
      new NotYetError(
        `the surplus pods are not known to be at zero: ${open.join('; ')}`,
        way('on', 'nothing was scaled; the same command goes on waiting, --weights-only leaves the surplus as it is'),
        details,
      ),
  });
  return { watch, grounds: zeroGrounds(world.clock, intent, zero, surplus) };
}

/** It starts no drain, so that it needs no floor: it names the drain instead, as the floor allows it. */
function undrainedYet(facts: Facts, undrained: readonly number[], seen: SeenServing | undefined): NotYetError {
  const { name } = facts.set;
  const { words, comment } = advisedDrain(facts, undrained, seen).command;
  const restore = comment === undefined ? own('restore', name) : own('restore', name).note(comment);
  return new NotYetError(
    `the surge of statefulset/${name} is still on: surplus ${ordinalsText(undrained)} would be scaled away with ${undrained.length === 1 ? 'its' : 'their'} connections; every other pod has its weight`,
    lines(
      words[0] === 'drain'
        ? way('on', advice`${own(...words)} && ${own('wait-zero', name)} && ${restore}`)
        : way('on', advice`too few of the other pods serve for a drain of the surplus: ${own('status', name)}`),
      leaveSurplus(name),
    ),
  );
}

const leaveSurplus = (name: string) =>
  advice`to leave the surplus as it is and give it traffic too: ${own('restore', name, '--weights-only')}`;

/** A drained surplus pod keeps its weight of 0 until it is gone. A pod that was never drained is not waited for. */
const awaitGone = (world: World, intent: RestoreIntent, deadlineMs: number): Promise<Facts> =>
  awaitScaledAway(world, intent, {
    deadlineMs,
    awaited: ({ ordinal }, { drainSet }) => drainSet.includes(ordinal),
    what: 'surplus pods',
    hint: way('on', 'the same command goes on waiting; --weights-only gives the weights back now'),
  });
