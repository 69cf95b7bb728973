/** The deletion of pods that are at zero: the proof, the last look, the Event, and each pod by its UID. */

import {
  CloudError,
  ConflictError,
  ConnectionError,
  NotYetError,
  type Refusal,
  RefusedError,
} from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { RecreateIntent } from '../../core/intent/intent.ts';
import { deletionRule, strategyRule } from '../../core/safety/rules.ts';
import { cutText, evidenceOf, evidenceText, type ZeroEvidence } from '../../core/story/step-details.ts';
import { formatOrdinals, ordinalSet, ordinalsText } from '../../core/target/ordinals.ts';
import { pausedRule } from '../../core/target/pause.ts';
import { isOutdated, type PodFacts } from '../../core/target/pod.ts';
import { own } from '../../core/values/command.ts';
import type { World } from '../../ports.ts';
import { writeEvent } from '../guard/write-event.ts';
import { nodeRefusals, noteNodes } from '../target/leave-nodes.ts';
import { awaitZero, type ZeroWait } from '../zero/await-zero.ts';
import { rowRefusals, zeroLookLines, zeroLookRefusals } from '../zero/show-zero-look.ts';
import { openZeroWatch, type ZeroLook, type ZeroWatch } from '../zero/zero-watch.ts';
import { deletePod } from './delete-pod.ts';
import { freshen } from './fresh-look.ts';
import { type LastLook, lastLook, wantedLook } from './last-look.ts';
import { lapsedProof, SLOW_PROOFS, slowProof, type ZeroGrounds, zeroGrounds } from './zero-grounds.ts';

const AT_ZERO = { rule: 'at-zero', override: '--force' } as const;

export interface Doomed {
  doomed: readonly PodFacts[];
  /** Of exactly these pods; its readings are the proof. */
  gate: ZeroWatch;
  deadlineMs: number;
  /** A rule of the caller, judged with every last look. */
  rule?: (now: Facts, pods: readonly PodFacts[]) => readonly Refusal[];
}

/** A proof, and when the last look at which its grounds held began. */
interface ProvedZero {
  passed: Passed;
  grounds: ZeroGrounds;
  takenAtMs: number;
}

/** Deletes them; `gone` is called for each pod that the API server has taken for deletion. */
export type DeletePods = (gone: (pod: PodFacts) => void) => Promise<void>;

/**
 * Proves that the pods are at zero and takes the last look; the returned function writes the Event and deletes. Throws
 * RefusedError where a pod is not at zero or the upgrade is paused, ConflictError where another writer has changed the target.
 */
export async function prepareDeletion(
  world: World,
  intent: RecreateIntent,
  facts: Facts,
  { doomed, gate, deadlineMs, rule = () => [] }: Doomed,
): Promise<DeletePods> {
  const leaving = doomed.filter((pod) => pod.leaves);
  const held = leaving.length === 0 ? [] : await nodeRefusals(world, intent, facts, leaving);
  if (held.length > 0) throw new RefusedError(held);
  const look = intent.force ? wantedLook : lastLook;
  const refuse = (last: LastLook, pods: readonly PodFacts[]): void => {
    refuseChanged(facts, intent, last, pods);
    const held = rule(last.facts, pods);
    if (held.length > 0) throw new RefusedError(held);
  };
  /** Proves again for as long as the grounds no longer hold at the last look. */
  const prove = async (pods: readonly PodFacts[], watch: ZeroWatch): Promise<ProvedZero> => {
    for (let slow = 0; ; ) {
      const { zero, ...passed } = await passGate(world, intent, pods, deadlineMs, watch);
      const takenAtMs = world.clock.now();
      const last = await look(world, intent, pods);
      refuse(last, pods);
      // Forced, there is no proof: the last look is all there is.
      const seen = zero ?? { facts: last.facts, atMs: takenAtMs };
      const grounds = zeroGrounds(world.clock, intent, seen, ordinalsOfPods(pods));
      if (zero === undefined || grounds.holdAt(last.facts)) return { passed, grounds, takenAtMs };
      if (world.clock.now() >= deadlineMs) throw lapsedProof(pods);
      slow = grounds.isRecent() ? 0 : slow + 1;
      if (slow === SLOW_PROOFS) throw slowProof(world.clock, pods, { provedAtMs: seen.atMs, takenAtMs });
      world.report.progress('waiting: zero is proved once more, for a write or too much time came after its proof');
      await world.clock.sleep(watch.pollMs(), world.signal);
    }
  };
  let proved = await prove(doomed, gate);
  /** The cluster and the counts alone, of all pods together. Returns whether the grounds still hold. */
  const quick = async (): Promise<boolean> => {
    const takenAtMs = world.clock.now();
    const last = await wantedLook(world, intent, doomed);
    refuse(last, doomed);
    if (!intent.force) await refuseHeld(gate, intent);
    const holds = proved.grounds.holdAt(last.facts);
    // Not before it is over: until then the look before is the last one for every pod that waits for this one.
    if (holds) proved = { ...proved, takenAtMs };
    return holds;
  };
  /** One for all deletions that wait at the same time. False once a pod may have gone by our own doing: no look is common then. */
  let repeating: Promise<boolean> | undefined;
  let begun = false;
  const repeat = async (): Promise<boolean> => {
    if (begun) return false;
    repeating ??= quick().finally(() => {
      repeating = undefined;
    });
    return repeating;
  };
  const names = doomed.map((pod) => pod.name).join(', ');
  const { passed } = proved;
  const why =
    passed.forced.length === 0 ? `at zero: ${evidenceText(passed.evidence)}` : `forced: ${passed.forced.join('; ')}`;
  const details = { pods: doomed.map((pod) => pod.ordinal), revision: facts.set.updateRevision, ...passed };
  return async (gone) => {
    await noteNodes(world, intent);
    if (intent.dryRun === 'none') {
      await writeEvent(world, facts.set, 'ZerolossRecreating', `deleting ${names} (${why})`, details);
      // The Event may have waited for the API server: a weight that was given back meanwhile still stops the deletion.
      if (!(await quick())) proved = await prove(doomed, gate);
    }
    const each = doomed.map(async (pod) => {
      let watch: ZeroWatch | undefined;
      /** Of this pod alone, once it has been looked at by itself. */
      let alone: ProvedZero | undefined;
      const again = async (): Promise<void> => {
        watch ??= openZeroWatch(world, intent, [pod.ordinal]);
        alone = await prove([pod], watch);
      };
      const fresh = async (): Promise<void> => {
        const { grounds, takenAtMs } = alone ?? proved;
        await freshen({ clock: world.clock, takenAtMs, grounds, repeat, lapsed: again });
        begun = true;
      };
      await deletePod(world, pod, intent, deadlineMs, { fresh, again });
      gone(pod);
    });
    await allOrFirstError(each);
  };
}

/** Waits for all of them, so that what has been done is known, and then throws the first error. */
async function allOrFirstError(each: readonly Promise<void>[]): Promise<void> {
  const ended = await Promise.allSettled(each);
  const failed = ended.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/**
 * Throws RefusedError where a pod has weight, unless forced; ConflictError where the StatefulSet is no longer what the batch
 * was begun on: a pod that is deleted now would come back with another template, or was not to go at all.
 */
function refuseChanged(
  { set }: Facts,
  intent: RecreateIntent,
  { facts, blocked, others }: LastLook,
  doomed: readonly PodFacts[],
): void {
  const rules = [...deletionRule(facts.set), ...strategyRule(facts.set), ...pausedRule(facts.set)];
  const sending = intent.force
    ? []
    : [...blocked, ...others].map((each) => ({
        ...each,
        override: '--force',
        price: 'cuts the connections that the load balancer still sends',
      }));
  if (rules.length + sending.length > 0) throw new RefusedError([...rules, ...sending]);
  const isSame = facts.set.uid === set.uid && facts.set.updateRevision === set.updateRevision;
  if (isSame && doomed.every((pod) => isOutdated(pod, facts.set))) return;
  throw new ConflictError(
    `another writer has changed the template of statefulset/${set.name} meanwhile: nothing was deleted for it`,
    own('status', set.name),
  );
}

export const ordinalsOfPods = (pods: readonly PodFacts[]): number[] => ordinalSet(pods.map((pod) => pod.ordinal));

/** Why the pods may go: the evidence of zero, and what --force overrode. */
interface Passed {
  forced: readonly string[];
  evidence: readonly ZeroEvidence[];
}

/** Returns the evidence with the look that proved it, or what --force breaks; without it, throws unless every doomed pod is at zero now. */
async function passGate(
  world: World,
  intent: RecreateIntent,
  doomed: readonly PodFacts[],
  deadlineMs: number,
  watch: ZeroWatch,
): Promise<Passed & { zero?: ZeroLook }> {
  const ordinals = ordinalsOfPods(doomed);
  if (intent.force) return force(world, watch, ordinals);
  const zero = await awaitZero(world, watch, {
    name: intent.name,
    ordinals,
    deadlineMs,
    ...notAtZero(ordinals, waitFor(intent)),
  });
  return { forced: [], evidence: evidenceOf(zero.details.rows), zero };
}

/** The errors of a wait for zero before a deletion. `wait`: the command that waits for as long as it takes. */
export const notAtZero = (ordinals: readonly number[], wait: ReturnType<typeof own>) =>
  ({
    refusal: (_lines, look) =>
      new RefusedError(
        zeroLookRefusals(look, ordinals, AT_ZERO).map((refusal) => ({
          cure: wait,
          ...refusal,
          price: cutText(look.details.rows),
        })),
        undefined,
        look.details,
      ),
    timeOut: (lines, look) =>
      new NotYetError(
        `${ordinalsText(ordinals)} not known to be at zero: ${lines.join('; ')}`,
        wait.note('shows why; nothing was deleted'),
        look.details,
      ),
  }) satisfies Pick<ZeroWait, 'refusal' | 'timeOut'>;

/** Looks once and warns of everything that --force overrides; a look that fails, or that nothing can count, is one of it. */
async function force(world: World, watch: ZeroWatch, ordinals: readonly number[]): Promise<Passed> {
  const warn = (line: string): void => world.report.warn(`--force: deleting although ${line}`);
  try {
    const look = await watch.look();
    const forced = zeroLookLines(look, ordinals);
    forced.forEach(warn);
    return { forced, evidence: evidenceOf(look.details.rows) };
  } catch (error) {
    const isBlind = error instanceof RefusedError || error instanceof CloudError || error instanceof ConnectionError;
    if (world.signal.aborted || !isBlind) throw error;
    warn(error.message);
    return { forced: [error.message], evidence: [] };
  }
}

/** Throws RefusedError where a client has connected since, past the load balancer. */
async function refuseHeld(watch: ZeroWatch, intent: RecreateIntent): Promise<void> {
  const held = rowRefusals(await watch.recount(), AT_ZERO);
  if (held.length > 0) throw new RefusedError(held, waitFor(intent));
}

/** Of the ordinals that were named, where any were: other drained pods may be busy for hours. */
const waitFor = ({ name, ordinals }: RecreateIntent) =>
  own('wait-zero', name, ...(ordinals === undefined ? [] : [formatOrdinals(ordinals)]));
