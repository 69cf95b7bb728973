/** recreate: deletes the outdated pods of the drain set, by UID and only at zero, and waits for their replacements. */
import type { RecreateIntent } from '../core/intent.ts';
import { ordinalSet } from '../core/ordinals.ts';
import type { ObjectResult, Outcome } from '../core/outcome.ts';
import { isOutdated, notServingBecause, type PodFacts } from '../core/pod.ts';
import { deletionRule, strategyRule } from '../core/rules.ts';
import { evidenceOf, evidenceText, type ZeroEvidence } from '../core/step-details.ts';
import { ConflictError, NotYetError, type Refusal, RefusedError } from '../errors.ts';
import type { World } from '../ports.ts';
import { awaitReplacements } from './await-replacements.ts';
import { blockers } from './blockers.ts';
import { deadlineOf } from './deadline.ts';
import { deletePod } from './delete-pod.ts';
import { type Facts, gather } from './gather.ts';
import { gatherObserved } from './gather-observed.ts';
import { withLease } from './lease.ts';
import { observe } from './observe.ts';
import { otherBindingRefusals } from './other-bindings.ts';
import { ordinalNote, outcome } from './outcome.ts';
import { recordEvent } from './record-event.ts';
import { drainedOrdinals } from './wait-zero.ts';
import { type GateResult, gateLines, openGate, showGate } from './zero-gate.ts';

/** Throws RefusedError when a pod is not drained or not at zero; nothing is deleted then. */
export function recreate(world: World, intent: RecreateIntent): Promise<Outcome> {
  return withLease(world, intent, 'recreate', (held) => run(held, intent));
}

async function run(world: World, intent: RecreateIntent): Promise<Outcome> {
  const deadlineMs = deadlineOf(world, intent);
  const facts = await gatherObserved(world, intent, deadlineMs);
  const refusals = [...deletionRule(facts.set), ...strategyRule(facts.set)];
  if (refusals.length > 0) throw new RefusedError(refusals);
  const ordinals = drainedOrdinals(facts, intent.ordinals);
  const doomed = outdatedPods(facts, ordinals);
  const nothing: Passed = { forced: [], evidence: [] };
  const passed = doomed.length === 0 ? nothing : await passGate(world, intent, doomed, deadlineMs);
  const results = doomed.map(
    (pod): ObjectResult => ({
      object: `pod/${pod.name}`,
      action: 'recreated',
      changed: true,
      note: `uid ${pod.uid} deleted`,
    }),
  );
  if (intent.dryRun === 'client' || doomed.length === 0) {
    return doomed.length === 0
      ? settle(world, intent, facts, ordinals, [], deadlineMs)
      : outcome('recreate', facts, intent, { results });
  }
  const names = doomed.map((pod) => pod.name).join(', ');
  const why =
    passed.forced.length === 0 ? `at zero: ${evidenceText(passed.evidence)}` : `forced: ${passed.forced.join('; ')}`;
  const details = { pods: doomed.map((pod) => pod.ordinal), revision: facts.set.updateRevision, ...passed };
  if (intent.dryRun === 'none')
    await recordEvent(world, facts.set, 'ZerolossRecreating', `deleting ${names} (${why})`, details);
  await Promise.all(doomed.map((pod) => deletePod(world, pod, intent, deadlineMs)));
  if (intent.dryRun === 'server') return outcome('recreate', facts, intent, { results });
  return settle(world, intent, facts, ordinals, results, deadlineMs);
}

const outdatedPods = (facts: Facts, ordinals: readonly number[]): PodFacts[] =>
  facts.pods.filter((pod) => ordinals.includes(pod.ordinal) && isOutdated(pod, facts.set) && !pod.terminating);

/** What let the pods go: the evidence of zero, and what --force overrode. */
interface Passed {
  forced: readonly string[];
  evidence: readonly ZeroEvidence[];
}

/** Returns the evidence, and what --force breaks; without it, throws unless every doomed pod is at zero now, and still the same pod. */
async function passGate(
  world: World,
  intent: RecreateIntent,
  doomed: readonly PodFacts[],
  deadlineMs: number,
): Promise<Passed> {
  const ordinals = ordinalSet(doomed.map((pod) => pod.ordinal));
  const gate = openGate(world, intent, ordinals);
  const beganMs = world.clock.now();
  for (;;) {
    const result = await gate.look();
    const lines = gateLines(result, ordinals);
    const evidence = evidenceOf(result.details.rows);
    if (result.verdict === 'zero') {
      await sameUntilTheEnd(world, intent, doomed);
      return { forced: [], evidence };
    }
    if (intent.force) {
      for (const line of lines) world.report.warn(`--force: deleting although ${line}`);
      return { forced: lines, evidence };
    }
    if (result.verdict === 'busy' || result.blocked.length > 0) {
      throw new RefusedError(
        refusalsOf(result, lines).map((refusal) => ({ ...refusal, override: '--force' })),
        `kubectl zeroloss wait-zero ${intent.name}`,
        result.details,
      );
    }
    if (world.clock.now() >= deadlineMs) {
      throw new NotYetError(
        `${ordinalNote(ordinals)} not known to be at zero: ${lines.join('; ')}`,
        `kubectl zeroloss wait-zero ${intent.name}   # shows why; nothing was deleted`,
        result.details,
      );
    }
    const atMs = world.clock.now();
    const subject = `${ordinalNote(ordinals)} of statefulset/${intent.name}`;
    showGate(world, result, ordinals, { subject, atMs, waitedMs: atMs - beganMs });
    await world.clock.sleep(gate.pollMs(), world.signal);
  }
}

const refusalsOf = ({ blocked }: GateResult, lines: readonly string[]): readonly Refusal[] =>
  blocked.length > 0 ? blocked : lines.map((message) => ({ rule: 'at-zero', message }));

/** The last look before the deletion: same pods, weight still wanted and shown as 0. */
async function sameUntilTheEnd(world: World, intent: RecreateIntent, doomed: readonly PodFacts[]): Promise<void> {
  const facts = await gather(world, intent);
  const replaced = doomed.filter((pod) => !facts.pods.some((now) => now.uid === pod.uid));
  if (replaced.length > 0) {
    throw new ConflictError(
      `${replaced.map((pod) => `pod/${pod.name}`).join(', ')} was replaced by somebody else`,
      `kubectl zeroloss status ${intent.name}`,
    );
  }
  const ordinals = doomed.map((pod) => pod.ordinal);
  const observation = await observe(world, facts);
  const blocked = blockers(facts, observation, ordinals);
  const refusals = blocked.map((message): Refusal => ({ rule: 'at-zero', message }));
  const others = await otherBindingRefusals(world, observation, doomed, false);
  refusals.push(...others.map((refusal) => ({ ...refusal, override: '--force' })));
  if (refusals.length > 0) throw new RefusedError(refusals);
}

async function settle(
  world: World,
  intent: RecreateIntent,
  facts: Facts,
  ordinals: readonly number[],
  deleted: ObjectResult[],
  deadlineMs: number,
): Promise<Outcome> {
  const gone = facts.pods
    .filter((pod) => deleted.some((result) => result.object === `pod/${pod.name}`))
    .map((pod) => pod.uid);
  // A pod that an earlier run deleted may not have been back when this one began.
  const now = intent.dryRun === 'none' ? await awaitReplacements(world, intent, ordinals, gone, deadlineMs) : facts;
  const others = now.pods.filter(
    (pod) => ordinals.includes(pod.ordinal) && !deleted.some((result) => result.object === `pod/${pod.name}`),
  );
  const already = others.map(
    (pod): ObjectResult => ({
      object: `pod/${pod.name}`,
      action: 'already recreated',
      changed: false,
      note: `revision ${pod.revision}`,
    }),
  );
  const results = [...deleted.map((result) => ({ ...result, note: 'updated and ready' })), ...already];
  // Also when it was an earlier run that deleted: the story of a pod does not end with its deletion.
  const waited = ordinals.some((ordinal) => {
    const pod = facts.pods.find((each) => each.ordinal === ordinal);
    return notServingBecause(pod, facts.set) !== undefined;
  });
  if (waited && intent.dryRun === 'none')
    await recordEvent(world, facts.set, 'ZerolossRecreated', `${ordinalNote(ordinals)} updated and ready`, {
      pods: ordinals,
      revision: facts.set.updateRevision,
    });
  return outcome('recreate', facts, intent, { results, next: [`advance ${intent.name}`] });
}
