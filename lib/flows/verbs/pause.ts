/** pause and resume: an annotation that every verb reads before it drains or deletes. They need the StatefulSet alone. */

import { RefusedError } from '../../core/errors.ts';
import type { PauseIntent, TargetIntent } from '../../core/intent/intent.ts';
import { outcome } from '../../core/outcome/build-outcome.ts';
import type { Outcome } from '../../core/outcome/outcome.ts';
import { PAUSED, type Pause, pauseLine, pauseText, readPause } from '../../core/target/pause.ts';
import { pauseFormatRefusals } from '../../core/target/set-format.ts';
import { readStatefulSet, type StatefulSetFacts } from '../../core/target/stateful-set-facts.ts';
import { type Advice, advice, lines, own } from '../../core/values/command.ts';
import { oneLine } from '../../core/values/read.ts';
import { formatTime } from '../../core/values/time.ts';
import { STATEFUL_SETS } from '../../ports/resources.ts';
import type { World } from '../../ports.ts';
import { retryConflict } from '../guard/retry-conflict.ts';
import { serverNowMs } from '../guard/server-time.ts';
import { writeEvent } from '../guard/write-event.ts';
import { getStatefulSet } from '../target/gather.ts';

/** Paused already, by whomever, it changes nothing: the first reason stays. */
export function pause(world: World, intent: PauseIntent): Promise<Outcome> {
  return change(world, intent, async (set) => {
    const object = `statefulset/${set.name}`;
    const before = readPause(set);
    if (before !== undefined) {
      const note = pauseLine(set.name, before).slice(`${object} is `.length);
      return outcome('pause', { set }, intent, {
        results: [{ object, action: 'already paused', changed: false, note }],
        ...(intent.reason === undefined || oneLine(intent.reason) === before.reason
          ? {}
          : { message: keepsItsReason(set.name, before, oneLine(intent.reason)) }),
      });
    }
    const now: Pause = {
      by: world.operator ?? '',
      at: formatTime(serverNowMs(world)),
      ...(intent.reason === undefined ? {} : { reason: oneLine(intent.reason) }),
    };
    await write(world, intent, set, pauseText(now));
    if (intent.dryRun === 'none') await writeEvent(world, set, 'ZerolossPaused', pauseLine(set.name, now));
    return outcome('pause', { set }, intent, {
      results: [{ object, action: 'paused', changed: true, ...(now.reason === undefined ? {} : { note: now.reason }) }],
      message:
        'a running upgrade stops before its next drain or deletion and waits; weights can still be given back (restore)',
      next: [own('resume', set.name)],
    });
  });
}

/** The reason may be what a colleague waits for: it is replaced by a command that says so. */
const keepsItsReason = (name: string, { reason }: Pause, other: string): Advice =>
  lines(
    `the pause ${reason === undefined ? 'has no reason' : 'keeps its first reason'}; this one was not written: ${other}`,
    advice`to change it: ${own('resume', name)} && ${own('pause', name, '--reason', other).note('a running upgrade may go on in between')}`,
  );

export function resume(world: World, intent: TargetIntent): Promise<Outcome> {
  return change(world, intent, async (set) => {
    const object = `statefulset/${set.name}`;
    const before = readPause(set);
    if (before === undefined)
      return outcome('resume', { set }, intent, { results: [{ object, action: 'not paused', changed: false }] });
    const foreign = pauseFormatRefusals(set);
    if (foreign.length > 0) throw new RefusedError(foreign);
    await write(world, intent, set, null);
    const note = pauseLine(set.name, before).replace(`${object} is paused`, 'was paused');
    if (intent.dryRun === 'none') await writeEvent(world, set, 'ZerolossResumed', note);
    return outcome('resume', { set }, intent, { results: [{ object, action: 'resumed', changed: true, note }] });
  });
}

const change = (
  world: World,
  { name }: TargetIntent,
  round: (set: StatefulSetFacts) => Promise<Outcome>,
): Promise<Outcome> =>
  retryConflict(world, `statefulset/${name}`, async () => round(readStatefulSet(await getStatefulSet(world, name))));

async function write(
  world: World,
  { dryRun }: TargetIntent,
  set: StatefulSetFacts,
  text: string | null,
): Promise<void> {
  if (dryRun === 'client') return;
  const patch = { metadata: { resourceVersion: set.resourceVersion, annotations: { [PAUSED]: text } } };
  await world.kube.patch(STATEFUL_SETS, set.name, patch, {
    type: 'merge',
    dryRun: dryRun === 'server',
    signal: world.signal,
  });
}
