/** status of several StatefulSets: those named, those that a label selector finds, or all that load balancers send to. */

import type { Refusal } from '../../core/errors.ts';
import type { StatusIntent } from '../../core/intent/intent.ts';
import { placeFlags } from '../../core/intent/target-place.ts';
import type { Outcome } from '../../core/outcome/outcome.ts';
import {
  NOTHING_SEEN,
  type StatusDetails,
  type StatusOfMany,
  type StatusOfOne,
} from '../../core/status/status-view.ts';
import { Advice, advice, lines, withFlags } from '../../core/values/command.ts';
import type { World } from '../../ports.ts';
import { aloneIn, lookAtSeveral, notLookedAt, type SetsIntent } from '../target/look-at-several.ts';
import { status } from './status.ts';

export interface StatusOfIntent extends Omit<StatusIntent, 'name'>, SetsIntent {}

/** One name gives the outcome of `status` itself. Of several the exit code is the worst of theirs. Throws UsageError when nothing is found. */
export async function statusOf(world: World, intent: StatusOfIntent): Promise<Outcome<StatusDetails | StatusOfMany>> {
  const { selector: _selector, everywhere: _everywhere, names, eachMs: _eachMs, ...rest } = intent;
  const only = aloneIn(world, names);
  if (only !== undefined) return status(world, { ...rest, name: only });
  const asked = { ...intent, targets: names.map((name) => ({ name })) };
  const several = await lookAtSeveral<Shown>(world, asked, {
    deployments: false,
    async look({ name, place, world }, differ) {
      const { details, exitCode, message, refusals } = await status(world, { ...rest, name });
      const flags = placeFlags(place, differ);
      const inPlace = <T extends string | Advice>(said: T) => (said instanceof Advice ? withFlags(said, flags) : said);
      const notes = details.notes.map(inPlace);
      return { data: { name, ...place, exitCode, ...details, notes }, said: inPlace(message ?? ''), refusals };
    },
    failed: ({ name, place }, error, differ) => ({
      data: { name, ...place, exitCode: error.exitCode, error: error.message, ...NOTHING_SEEN },
      said: undefined,
      hint: error.advice && withFlags(error.advice, placeFlags(place, differ)),
      refusals: [],
    }),
  });
  const { called, details, outcome, seen } = several;
  return {
    verb: 'status',
    ...outcome,
    refusals: seen.flatMap(({ refusals }) => refusals),
    next: [],
    details,
    message: lines(
      ...notLookedAt(several, 'shown'),
      ...hintsOf(seen),
      ...details.targets.flatMap((each) => each.notes.map((note) => advice`note: ${called(each)}: ${note}`)),
      ...seen.flatMap(({ data, said }) => (said === undefined ? [] : [advice`${called(data)}: ${said}`])),
    ),
  };
}

/** One of several, and its sentence for people; undefined: it cannot be shown. */
interface Shown {
  data: StatusOfOne;
  said: string | Advice | undefined;
  /** Of one that cannot be shown. */
  hint?: Advice | undefined;
  refusals: readonly Refusal[];
}

/** Each once: several names that are not there have the same. */
const hintsOf = (targets: readonly Shown[]): Advice[] => [
  ...new Map(
    targets.flatMap(({ hint }) => (hint === undefined ? [] : [[String(hint), advice`hint: ${hint}`] as const])),
  ).values(),
];
