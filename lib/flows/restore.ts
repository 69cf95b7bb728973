/** restore: gives weights back; without ordinals, the annotation is exactly as before the first drain, or gone. The way out. */
import { portKeys } from '../core/backends.ts';
import { zerosOn } from '../core/drain-set.ts';
import type { RestoreIntent } from '../core/intent.ts';
import { formatOrdinals, intersection, ordinalSet, without } from '../core/ordinals.ts';
import type { Outcome } from '../core/outcome.ts';
import { ordinalRule, serviceRules } from '../core/rules.ts';
import { CloudError, ConnectionError, DisagreesError, RefusedError } from '../errors.ts';
import type { World } from '../ports.ts';
import { confirmWeights } from './confirm-weights.ts';
import { deadlineOf } from './deadline.ts';
import { type Facts, gather } from './gather.ts';
import { ordinalNote, outcome, serviceResults } from './outcome.ts';
import { recordEvent } from './record-event.ts';
import { retryConflict } from './retry-conflict.ts';
import { unsurge } from './unsurge.ts';
import { applyWeights, changes, planWeights, type WeightChange } from './write-weights.ts';

/**
 * Without a surge it writes before it asks the cloud anything: giving weight back must work when the cloud cannot be asked.
 * With one, the surplus goes first, and only at zero; `weightsOnly` leaves it alone.
 */
export async function restore(world: World, intent: RestoreIntent): Promise<Outcome> {
  const deadlineMs = deadlineOf(world, intent);
  const whole = intent.ordinals === undefined && !intent.weightsOnly;
  const scaled = whole ? await unsurge(world, intent, deadlineMs) : [];
  const { facts, plan, back, kept } = await retryConflict(world, `statefulset/${intent.name}: a Service`, () =>
    writeOnce(world, intent),
  );
  const results = [...scaled, ...serviceResults(facts, plan, 'restored', ordinalNote(back))];
  if (intent.dryRun !== 'none') return outcome('restore', facts, intent, { results });
  if (changes(plan).length > 0)
    await recordEvent(
      world,
      facts.set,
      'ZerolossRestored',
      `weights back for ordinals ${formatOrdinals(back) || 'none'}`,
    );
  const present = facts.pods.filter((pod) => back.includes(pod.ordinal)).map((pod) => pod.ordinal);
  if (present.length > 0 && !intent.weightsOnly) await confirm(world, intent, present, deadlineMs);
  const message =
    kept.length === 0
      ? undefined
      : `${ordinalNote(kept)} stay at weight 0, as before the first drain; kubectl zeroloss restore ${intent.name} ${formatOrdinals(kept)} gives them weight too`;
  return outcome('restore', facts, intent, {
    results,
    details: { restored: back, kept },
    ...(message === undefined ? {} : { message }),
  });
}

async function confirm(
  world: World,
  intent: RestoreIntent,
  ordinals: readonly number[],
  deadlineMs: number,
): Promise<void> {
  try {
    await confirmWeights(world, intent, ordinals, deadlineMs);
  } catch (error) {
    if (!(error instanceof CloudError) && !(error instanceof ConnectionError)) throw error;
    throw new DisagreesError(
      `the weights are given back in the annotation, but the load balancer could not be asked: ${error.message}`,
      error.hint,
    );
  }
}

async function writeOnce(
  world: World,
  intent: RestoreIntent,
): Promise<{ facts: Facts; plan: WeightChange[]; back: readonly number[]; kept: readonly number[] }> {
  const facts = await gather(world, intent);
  const services = facts.services.map((each) => each.service);
  const missing = services.length === 0 ? serviceRules(services, facts.set) : [];
  const outside = intent.ordinals === undefined ? [] : ordinalRule(facts.set, without(intent.ordinals, facts.drainSet));
  if (missing.length + outside.length > 0) throw new RefusedError([...missing, ...outside]);
  const before = ordinalSet(
    facts.services.flatMap(({ service, former }) =>
      portKeys(service).flatMap((key) => zerosOn(former?.document, key, facts.set.name)),
    ),
  );
  const kept =
    intent.ordinals === undefined ? intersection(before, facts.drainSet) : without(facts.drainSet, intent.ordinals);
  const plan = planWeights(facts, kept);
  await applyWeights(world, plan, intent.dryRun);
  return { facts, plan, back: without(facts.drainSet, kept), kept: intent.ordinals === undefined ? kept : [] };
}
