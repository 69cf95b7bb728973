/** The one question before an upgrade writes anything: what it is about to do, where, and what that costs. */

import { NotStartedError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { UpgradeIntent } from '../../core/intent/intent.ts';
import { questionText } from '../../core/plan/question.ts';
import type { UpgradePlan } from '../../core/plan/upgrade-plan.ts';
import { aloneText, leftAlone } from '../../core/safety/alone.ts';
import { floorFor } from '../../core/safety/floor.ts';
import { formatOrdinals, intersection, union, without } from '../../core/target/ordinals.ts';
import { isOfOtherRevision } from '../../core/target/pod.ts';
import { regularOrdinals } from '../../core/target/surplus.ts';
import { advice, lines, own } from '../../core/values/command.ts';
import { way } from '../../core/values/way.ts';
import { raiseCommands } from '../../core/weights/held-canaries.ts';
import type { World } from '../../ports.ts';
import { observe } from '../target/observe.ts';
import { readBudget } from '../target/read-budget.ts';
import { planIntentOf } from './before-first-write.ts';
import { barePlan, estimate } from './foresee.ts';

/** Returns the ordinals of the batch that the answer agrees to. Throws NotStartedError for every answer but y; nothing is written then. */
export async function askFirst(world: World, intent: UpgradeIntent, facts: Facts): Promise<readonly number[]> {
  const { confirm } = world;
  if (confirm === undefined) return [];
  const wish = planIntentOf(intent);
  const bare = barePlan(facts, wish, intent.pauseAt);
  const observation = await observe(world, facts);
  const glancing = { ...world, sources: world.sources.filter(({ forGlances }) => forGlances !== false) };
  const planned = await estimate(glancing, wish, facts, observation, bare);
  const all =
    facts.set.replicas + bare.surplus.filter((ordinal) => ordinal >= facts.set.start + facts.set.replicas).length;
  const drained = intersection(facts.drainSet, bare.batches[0] ?? []);
  const text = questionText(planned, {
    place: world.place,
    set: facts.set,
    services: facts.services.map(({ service }) => service),
    surges: facts.set.replicas < all,
    dark: facts.pods.some((pod) => isOfOtherRevision(pod, facts.set)),
    floor: floorFor({ asked: intent.minServing, budget: await readBudget(world, facts) }, all),
    all,
    drained,
    back: givenBack(facts, barePlan(facts, wish)),
    alone: firstFew(leftAlone(facts, bare.batches.flat()).map((weights) => aloneText(facts, weights))),
  });
  if (await confirm(text)) return bare.batches[0] ?? [];
  throw new NotStartedError(
    lines(
      way('on', 'to start it: the same command, answered with y; --yes does not ask'),
      ...raiseCommands(facts.set.name, bare.canaries ?? []),
      ...(drained.length === 0
        ? []
        : [
            advice`to give ${formatOrdinals(drained)} traffic again: ${own('restore', facts.set.name, formatOrdinals(drained))}`,
          ]),
    ),
  );
}

/** Drained pods that a run before has replaced: no batch has them. Zeros written by hand stay. */
const givenBack = (facts: Facts, { batches }: UpgradePlan): readonly number[] =>
  without(intersection(facts.drainSet, regularOrdinals(facts.set)), union(facts.byHand, batches.flat()));

/** A Service for each of a hundred pods is a hundred lines. */
const firstFew = (lines: readonly string[], most = 3): string[] =>
  lines.length <= most ? [...lines] : [...lines.slice(0, most), `and ${lines.length - most} more Services like these`];
