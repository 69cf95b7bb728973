/** The end of a surge: surplus pods go only when they are drained and at zero, and weights come back only when they are gone. */
import type { RestoreIntent } from '../core/intent.ts';
import { intersection, without } from '../core/ordinals.ts';
import type { ObjectResult } from '../core/outcome.ts';
import { FORMER_REPLICAS, formerReplicas, SURGED_REPLICAS, scaleRule, surplusOrdinals } from '../core/surge.ts';
import { NotYetError, type Refusal, RefusedError } from '../errors.ts';
import type { World } from '../ports.ts';
import { STATEFUL_SETS } from '../resources.ts';
import { blockers } from './blockers.ts';
import { type Facts, gather } from './gather.ts';
import { withLease } from './lease.ts';
import { observe } from './observe.ts';
import { ordinalNote } from './outcome.ts';
import { recordEvent } from './record-event.ts';
import { retryConflict } from './retry-conflict.ts';
import { gateLines, openGate, showGate } from './zero-gate.ts';

const POLL_MS = 500;

/** Scales the surplus away, if there is one, and waits until its pods are gone. Throws RefusedError while one of them has weight or a connection. */
export async function unsurge(world: World, intent: RestoreIntent, deadlineMs: number): Promise<ObjectResult[]> {
  const facts = await gather(world, intent);
  const former = formerReplicas(facts.set);
  if (former === undefined) {
    if (intent.dryRun === 'none') await awaitGone(world, intent, deadlineMs);
    return [];
  }
  return withLease(world, intent, 'restore', (held) => takeAway(held, intent, facts, former, deadlineMs));
}

async function takeAway(
  world: World,
  intent: RestoreIntent,
  facts: Facts,
  former: number,
  deadlineMs: number,
): Promise<ObjectResult[]> {
  const foreign = scaleRule(facts.set).map((refusal) => ({ ...refusal, override: '--weights-only' }));
  if (foreign.length > 0) throw new RefusedError(foreign);
  await passGate(world, intent, facts, deadlineMs);
  const note = `${facts.set.replicas} to ${Math.min(former, facts.set.replicas)} replicas`;
  const result: ObjectResult = { object: `statefulset/${facts.set.name}`, action: 'scaled back', changed: true, note };
  if (intent.dryRun === 'client') return [result];
  await retryConflict(world, `statefulset/${intent.name}`, () => scaleBack(world, intent, facts));
  if (intent.dryRun !== 'none') return [result];
  await recordEvent(
    world,
    facts.set,
    'ZerolossUnsurged',
    `surplus ${ordinalNote(surplusOrdinals(facts.set))} at zero and scaled away, ${note}`,
    { replicas: Math.min(former, facts.set.replicas), pods: surplusOrdinals(facts.set) },
  );
  await awaitGone(world, intent, deadlineMs);
  return [result];
}

async function scaleBack(world: World, intent: RestoreIntent, seen: Facts): Promise<void> {
  const facts = await gather(world, intent);
  const { set } = facts;
  const former = formerReplicas(set);
  if (former === undefined) return;
  if (set.replicas > seen.set.replicas) {
    throw new RefusedError([
      {
        rule: 'surplus-at-zero',
        message: `statefulset/${set.name} was scaled up to ${set.replicas} meanwhile; its newest pods were not seen at zero`,
      },
    ]);
  }
  await sameUntilTheEnd(world, facts, seen);
  const patch = {
    metadata: {
      resourceVersion: set.resourceVersion,
      annotations: { [FORMER_REPLICAS]: null, [SURGED_REPLICAS]: null },
    },
    spec: { replicas: Math.min(former, set.replicas) },
  };
  await world.kube.patch(STATEFUL_SETS, set.name, patch, {
    type: 'merge',
    dryRun: intent.dryRun === 'server',
    signal: world.signal,
  });
}

/** The last look before the scale-down: the same surplus pods, weight still wanted and shown as 0. */
async function sameUntilTheEnd(world: World, facts: Facts, seen: Facts): Promise<void> {
  const surplus = surplusOrdinals(facts.set);
  const pods = facts.pods.filter((pod) => surplus.includes(pod.ordinal));
  if (pods.length === 0) return;
  const others = pods.filter((pod) => !seen.pods.some((before) => before.uid === pod.uid));
  const refusals = [
    ...others.map(({ name }) => `pod/${name} is not the pod that was at zero: somebody has replaced it`),
    ...blockers(
      facts,
      await observe(world, facts),
      pods.map((pod) => pod.ordinal),
    ),
  ];
  if (refusals.length > 0) throw new RefusedError(refusals.map((message) => ({ rule: 'surplus-at-zero', message })));
}

/** Every surplus pod that exists must be drained, and at zero right now; those that never came to be need no proof. */
async function passGate(world: World, intent: RestoreIntent, facts: Facts, deadlineMs: number): Promise<void> {
  const surplus = intersection(
    surplusOrdinals(facts.set),
    facts.pods.map((pod) => pod.ordinal),
  );
  const undrained = without(surplus, facts.drainSet);
  if (undrained.length > 0) throw new RefusedError([undrainedRefusal(facts, undrained)]);
  if (surplus.length === 0) return;
  const gate = openGate(world, intent, surplus);
  const beganMs = world.clock.now();
  for (;;) {
    const result = await gate.look();
    if (result.verdict === 'zero') return;
    const lines = gateLines(result, surplus);
    if (result.verdict === 'busy' || result.blocked.length > 0) {
      throw new RefusedError(
        lines.map((message) => ({ rule: 'surplus-at-zero', message, override: '--weights-only' })),
        `kubectl zeroloss wait-zero ${intent.name}`,
        result.details,
      );
    }
    if (world.clock.now() >= deadlineMs) {
      throw new NotYetError(
        `the surplus pods are not known to be at zero: ${lines.join('; ')}`,
        'nothing was scaled; the same command goes on waiting, --weights-only leaves the surplus as it is',
        result.details,
      );
    }
    const atMs = world.clock.now();
    const subject = `${ordinalNote(surplus)} of statefulset/${intent.name}`;
    showGate(world, result, surplus, { subject, atMs, waitedMs: atMs - beganMs });
    await world.clock.sleep(gate.pollMs(), world.signal);
  }
}

const undrainedRefusal = (facts: Facts, undrained: readonly number[]): Refusal => ({
  rule: 'surplus-at-zero',
  message: `surplus ${ordinalNote(undrained)} of statefulset/${facts.set.name} would be scaled away with ${undrained.length === 1 ? 'its' : 'their'} connections`,
  override: '--weights-only',
  cure: `kubectl zeroloss drain ${facts.set.name} ${undrained.join(',')} && kubectl zeroloss wait-zero ${facts.set.name}`,
});

/** A surplus pod that still terminates keeps its weight of 0 until it is gone. */
async function awaitGone(world: World, intent: RestoreIntent, deadlineMs: number): Promise<void> {
  for (;;) {
    const { set, pods } = await gather(world, intent);
    const left = pods.filter((pod) => pod.ordinal >= set.start + set.replicas);
    if (left.length === 0) return;
    world.report.progress(`waiting: ${left.map((pod) => pod.name).join(', ')} to be gone`);
    if (world.clock.now() >= deadlineMs) {
      throw new NotYetError(
        `surplus pods are still there: ${left.map((pod) => pod.name).join(', ')}`,
        'the same command goes on waiting',
      );
    }
    await world.clock.sleep(POLL_MS, world.signal);
  }
}
