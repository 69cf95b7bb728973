/** Fewer replicas: the pods that go are drained, seen at zero, and then scaled away in one write. */

import { ConflictError, NotYetError, RefusedError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { ScaleIntent } from '../../core/intent/intent.ts';
import type { ObjectResult } from '../../core/outcome/outcome.ts';
import { deletionRule } from '../../core/safety/rules.ts';
import { floorAfter, surgeOnRule } from '../../core/safety/scale-rules.ts';
import { formatOrdinals, ordinalsText } from '../../core/target/ordinals.ts';
import { pausedRule } from '../../core/target/pause.ts';
import { lines, own } from '../../core/values/command.ts';
import { toGoBack, toGoOn, way } from '../../core/values/way.ts';
import { givenBack, weightAgainError } from '../../core/weights/given-back.ts';
import type { World } from '../../ports.ts';
import { deadlineOf } from '../guard/deadline.ts';
import { retryConflict } from '../guard/retry-conflict.ts';
import { withResults } from '../guard/with-results.ts';
import { writeEvent } from '../guard/write-event.ts';
import { goingPods } from '../safety/stranger-rule.ts';
import { gatherObserved } from '../target/gather-observed.ts';
import { readBudget } from '../target/read-budget.ts';
import { drain } from '../verbs/drain.ts';
import { awaitZero, type ZeroWait } from '../zero/await-zero.ts';
import { openZeroWatch } from '../zero/zero-watch.ts';
import { scaleDown } from './scale-away.ts';
import { type SeenZero, zeroGrounds } from './zero-grounds.ts';

const AT_ZERO = { rule: 'at-zero' } as const;

/** `going`: the highest ordinals. Throws RefusedError where a rule stands in the way, NotYetError at the time-out. */
export async function shrink(
  world: World,
  intent: ScaleIntent,
  facts: Facts,
  going: readonly number[],
  deadlineMs: number,
): Promise<ObjectResult[]> {
  const { set } = facts;
  world.report.progress(
    `a StatefulSet loses its highest ordinals first: ${ordinalsText(going)} of statefulset/${set.name} will go, ${intent.replicas} of ${set.replicas} replicas stay`,
  );
  const leaving = (await goingPods(world, facts, going)).filter((pod) => !pod.terminating);
  const ordinals = leaving.map(({ ordinal }) => ordinal);
  const results: ObjectResult[] = [];
  if (ordinals.length > 0) {
    const minServing = floorAfter(
      { asked: intent.minServing, budget: await readBudget(world, facts) },
      intent.replicas,
    );
    results.push(...(await drain(world, { ...intent, ordinals, minServing })).results);
  }
  const result: ObjectResult = {
    object: `statefulset/${set.name}`,
    action: 'scaled',
    changed: true,
    note: `${set.replicas} to ${intent.replicas} replicas, ${ordinalsText(going)} gone`,
  };
  if (intent.dryRun === 'client') return [...results, result];
  return withResults(
    () => results,
    async () => {
      const isProved = intent.dryRun === 'none' && ordinals.length > 0;
      const prove = isProved ? zeroProver(world, intent, facts, ordinals, deadlineMs) : undefined;
      let zero = await prove?.();
      await retryConflict(world, `statefulset/${intent.name}`, async () => {
        let now = await scalable(world, intent, facts);
        // The controller, or a conflict, may have been waited for.
        while (zero !== undefined && !zero.grounds.holdAt(now) && world.clock.now() < deadlineMs) {
          await world.clock.sleep(zero.watch.pollMs(), world.signal);
          zero = await prove?.();
          now = await scalable(world, intent, facts);
        }
        const leaving = { seen: facts, zero, rule: AT_ZERO };
        await scaleDown(world, intent, now, { replicas: intent.replicas, leaving });
      });
      if (intent.dryRun === 'none')
        await writeEvent(
          world,
          set,
          'ZerolossScaled',
          `${ordinalsText(going)} at zero and scaled away, ${set.replicas} to ${intent.replicas} replicas`,
          { replicas: intent.replicas, pods: going },
        );
      return [...results, result];
    },
  );
}

/** Each call waits until they are at zero; the readings of one go on in the next. */
function zeroProver(
  world: World,
  intent: ScaleIntent,
  before: Facts,
  ordinals: readonly number[],
  deadlineMs: number,
): () => Promise<SeenZero> {
  const watch = openZeroWatch(world, intent, ordinals);
  let drained: Facts | undefined;
  const look = async () => {
    const seen = await watch.look();
    rejectScaled(before, seen.facts);
    drained ??= seen.facts;
    const back = givenBack(drained, seen.facts, ordinals);
    if (back.length > 0)
      throw weightAgainError(
        intent.name,
        back,
        way('on', 'the same command drains them again and goes on; nothing was scaled'),
      );
    return seen;
  };
  const wait: ZeroWait = {
    name: intent.name,
    ordinals,
    deadlineMs,
    timeOut: (open, { details }) =>
      new NotYetError(
        `${ordinalsText(ordinals)} of statefulset/${intent.name} ${ordinals.length === 1 ? 'is' : 'are'} drained and not at zero yet: ${open.join('; ')}`,
        lines(
          toGoOn('the same command again; nothing was scaled'),
          toGoBack(own('restore', intent.name, formatOrdinals(ordinals))),
        ),
        details,
      ),
  };
  return async () => {
    const zero = await awaitZero(world, { ...watch, look }, wait);
    return { watch, grounds: zeroGrounds(world.clock, intent, zero, ordinals) };
  };
}

/** The newest facts. Throws unless the replicas are what they were when it began, and no rule forbids to scale. */
async function scalable(world: World, intent: ScaleIntent, seen: Facts): Promise<Facts> {
  const facts = await gatherObserved(world, intent, deadlineOf(world, intent));
  const { set } = facts;
  rejectScaled(seen, facts);
  const held = [...deletionRule(set), ...surgeOnRule(set), ...pausedRule(set)];
  if (held.length > 0) throw new RefusedError(held);
  return facts;
}

/** Throws ConflictError unless the StatefulSet and its replicas are what they were. */
function rejectScaled({ set: before }: Facts, { set }: Facts): void {
  if (set.uid === before.uid && set.replicas === before.replicas) return;
  throw new ConflictError(
    `statefulset/${set.name} was ${set.uid === before.uid ? `scaled to ${set.replicas} replicas` : 'created again'} by another writer meanwhile; it was not scaled`,
    own('status', set.name),
  );
}
