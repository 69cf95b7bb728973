/** Where an upgrade stands when it is stopped: in words, with the ways on and back. */

import {
  type DoneResult,
  ExitCode,
  InterruptedError,
  NotStartedError,
  NotYetError,
  PausedError,
  RefusedError,
  ZerolossError,
} from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { UpgradeIntent } from '../../core/intent/intent.ts';
import type { WayBack } from '../../core/outcome/way-back.ts';
import { leavingNodes } from '../../core/target/leaving-nodes.ts';
import { ordinalsText } from '../../core/target/ordinals.ts';
import { isOfOtherRevision } from '../../core/target/pod.ts';
import { FORMER_REVISION } from '../../core/target/revisions.ts';
import { formerReplicas, regularOrdinals, surplusOrdinals } from '../../core/target/surplus.ts';
import { type Advice, advice, lines, linesOf, own, type Way } from '../../core/values/command.ts';
import { isOfKind, toGoBack, toGoOn, way } from '../../core/values/way.ts';
import type { World } from '../../ports.ts';
import { writeEvent } from '../guard/write-event.ts';
import { findWayBack } from '../target/find-way-back.ts';
import { gather } from '../target/gather.ts';

/** An operator who stops a command does not wait long for its last lines. */
const LAST_LOOK_MS = 2_000;

/**
 * The interruption that names the state, in an Event too where an upgrade is on; the reason itself where the cluster does not
 * answer at once. Either has the results: what was done before, and what the step that was cut short had written.
 */
export async function interruptedUpgrade(
  world: World,
  error: unknown,
  {
    name,
    services,
    dryRun,
    done,
  }: Pick<UpgradeIntent, 'name' | 'services' | 'dryRun'> & { done: readonly DoneResult[] },
): Promise<unknown> {
  const reason: unknown = world.signal.reason;
  if (!(reason instanceof InterruptedError)) return reason;
  const results = [...done, ...(error instanceof ZerolossError ? error.results.filter(({ changed }) => changed) : [])];
  try {
    const facts = await lastFacts(world, name, services);
    const back = await backOf(inTime(world), facts);
    if (dryRun === 'none' && (isBegun(facts) || isHeld(facts)))
      await writeEvent(inTime(world), facts.set, 'ZerolossInterrupted', `upgrade was interrupted: ${stateText(facts)}`);
    const signal = reason.exitCode === ExitCode.interrupted ? 'SIGINT' : 'SIGTERM';
    const state = stateText(facts);
    return new InterruptedError(
      signal,
      `upgrade was interrupted; completed writes stay, nothing more will be written: ${state}`,
      lines(...waysOut(facts, back)),
      new InterruptedError(
        signal,
        `upgrade was interrupted; this run has written nothing: ${state}`,
        lines(...waysFromBefore(facts, back)),
      ),
    ).inWhole({ results });
  } catch {
    return reason.inWhole({ results });
  }
}

/** The world of a command that has been asked to stop: what it still asks has a moment. */
const inTime = (world: World): World => ({ ...world, signal: AbortSignal.timeout(LAST_LOOK_MS) });

const lastFacts = (world: World, name: string, services: readonly string[] | undefined): Promise<Facts> =>
  gather(inTime(world), {
    name,
    dryRun: 'none',
    timeoutMs: LAST_LOOK_MS,
    ...(services === undefined ? {} : { services }),
  });

/**
 * The error of a step with the truth about the whole: what this run has done, where everything stands, the ways on and
 * back. A refusal or a no before anything was done is left as it is, and so is what is no error of ours.
 */
export async function stoppedUpgrade(
  world: World,
  error: unknown,
  { name, services, done }: { name: string; services: readonly string[] | undefined; done: readonly DoneResult[] },
): Promise<unknown> {
  if (!(error instanceof ZerolossError)) return error;
  const results = [...done, ...error.results.filter(({ changed }) => changed)];
  const isNo = error instanceof NotStartedError;
  if (isNo && results.length === 0) return error;
  if (results.length === 0 && (error instanceof RefusedError || !(error instanceof NotYetError))) return error;
  // A wait itself writes nothing, but the whole run may have written.
  const isWait = error instanceof NotYetError && !(error instanceof PausedError) && !isNo;
  const stepLines = isWait ? [] : linesOf(error.advice);
  const stopped = isNo ? error.afterWrites(name) : error;
  try {
    const facts = await lastFacts(world, name, services);
    const stands = way('look', `where it stands: ${stateText(facts)}`);
    return stopped.inWhole({
      results,
      hint: lines(...merged(stepLines, stands, waysOut(facts, await backOf(inTime(world), facts)))),
    });
  } catch {
    world.signal.throwIfAborted();
    const ways = [
      way('look', advice`to see where it stands: ${own('status', name)}`),
      toGoOn('the same command again'),
    ];
    return stopped.inWhole({ results, hint: lines(...merged(stepLines, undefined, ways)) });
  }
}

/** One way of each kind: a step knows best how to go on, and the whole how to go back. */
function merged(stepLines: readonly Advice[], stands: Way | undefined, ways: readonly Advice[]): Advice[] {
  const kept = ways.some((each) => isOfKind(each, 'back'))
    ? stepLines.filter((line) => !isOfKind(line, 'back'))
    : [...stepLines];
  const rest = kept.some((line) => isOfKind(line, 'on')) ? ways.filter((each) => !isOfKind(each, 'on')) : ways;
  return [...kept, ...(stands === undefined ? [] : [stands]), ...rest];
}

/** `4 of 10 pods are updated; ordinals 4-7 at weight 0; 11 replicas, 10 before the surge`. Of a node that is emptied who is off it. */
export function stateText({ set, pods, drainSet, canaries }: Facts): string {
  const regular = regularOrdinals(set);
  const ours = pods.filter((pod) => regular.includes(pod.ordinal));
  const nodes = leavingNodes(set);
  const updated = ours.filter((pod) => !isOfOtherRevision(pod, set)).length;
  const off = ours.filter((pod) => !pod.leaves).length;
  const places = [
    ...(nodes.length > 0 && updated === ours.length ? [] : [`${updated} of ${regular.length} pods are updated`]),
    ...(nodes.length === 0 ? [] : [`${off} of ${regular.length} pods are off node ${nodes.join(', ')}`]),
  ];
  const former = formerReplicas(set);
  return [
    ...(set.observed ? places : ['the template is set, and the controller has not seen it yet']),
    drainSet.length === 0 ? 'nothing is drained' : `${ordinalsText(drainSet)} at weight 0`,
    ...(canaries.size === 0 ? [] : [`canary weight for ${ordinalsText([...canaries.keys()])}`]),
    ...(former === undefined
      ? []
      : [`${set.replicas} replicas, ${former} before the surge (surplus ${ordinalsText(surplusOrdinals(set))})`]),
  ].join('; ');
}

const isBegun = ({ set, pods }: Facts): boolean =>
  set.annotations[FORMER_REVISION] !== undefined || new Set(pods.map((pod) => pod.revision)).size > 1;
const isHeld = ({ set, drainSet }: Facts): boolean => drainSet.length > 0 || formerReplicas(set) !== undefined;

/** Where an upgrade is on: nothing else has a template to go back from. */
const backOf = async (world: World, facts: Facts): Promise<WayBack | undefined> =>
  isBegun(facts) ? findWayBack(world, facts) : undefined;

/** Of a run that has written nothing: there is only what it found to go back from. */
const waysFromBefore = (facts: Facts, back: WayBack | undefined): Advice[] =>
  isHeld(facts) ? waysOut(facts, back) : [toGoOn('the same command again')];

function waysOut(facts: Facts, back: WayBack | undefined): Advice[] {
  const { name } = facts.set;
  const held = isHeld(facts);
  const goesBack = (by: WayBack): Advice =>
    toGoBack(advice`${by.command} && ${own('upgrade', name).note(`${by.template}, under the same rules`)}`);
  const givesBack = isBegun(facts)
    ? advice`to give every weight back now: ${own('restore', name, '--weights-only')}`
    : toGoBack(own('restore', name));
  return [
    toGoOn('the same command again'),
    ...(back === undefined ? [] : [goesBack(back)]),
    ...(held ? [givesBack] : []),
  ];
}
