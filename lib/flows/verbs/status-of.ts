/** status of several StatefulSets: those named, those that a label selector finds, or all that load balancers send to. */

import { some } from '../../core/check/findings.ts';
import type { Refusal } from '../../core/errors.ts';
import type { StatusIntent } from '../../core/intent/intent.ts';
import { type Asked, differing, placedName, placeFlags } from '../../core/intent/target-place.ts';
import type { Outcome } from '../../core/outcome/outcome.ts';
import type { StatusDetails, StatusOfMany, StatusOfOne } from '../../core/status/status-view.ts';
import { Advice, advice, lines, withFlags } from '../../core/values/command.ts';
import type { World } from '../../ports.ts';
import { eachTarget, worstOf } from '../target/each-target.ts';
import { findTargets, unreachedData } from '../target/find-targets.ts';
import { status } from './status.ts';

export interface StatusOfIntent extends Omit<StatusIntent, 'name'>, Omit<Asked, 'targets'> {
  names: readonly string[];
  /** How long each of several may take, 0 for no limit; absent: no limit. */
  eachMs?: number;
}

const NOTHING: StatusDetails = {
  rows: [],
  services: [],
  inside: [],
  drainSet: [],
  surge: null,
  paused: null,
  running: null,
  notes: [],
};

/** One name gives the outcome of `status` itself. Of several the exit code is the worst of theirs. Throws UsageError when nothing is found. */
export async function statusOf(world: World, intent: StatusOfIntent): Promise<Outcome<StatusDetails | StatusOfMany>> {
  const { selector: _selector, everywhere: _everywhere, names, eachMs = 0, ...rest } = intent;
  const [only] = names;
  if (only !== undefined && names.length === 1 && world.clusters === undefined)
    return status(world, { ...rest, name: only });
  const asked = { ...intent, targets: names.map((name) => ({ name })) };
  const { found, unreached } = await findTargets(world, asked, { deployments: false });
  const differ = differing(
    found.map(({ place }) => place),
    unreached,
  );
  const targets = await eachTarget(
    world,
    found,
    eachMs,
    async ({ name, place, world }): Promise<Shown> => {
      const { details, exitCode, message, refusals } = await status(world, { ...rest, name });
      const flags = placeFlags(place, differ);
      const inPlace = <T extends string | Advice>(said: T) => (said instanceof Advice ? withFlags(said, flags) : said);
      const notes = details.notes.map(inPlace);
      return { data: { name, ...place, exitCode, ...details, notes }, said: inPlace(message ?? ''), refusals };
    },
    ({ name, place }, error): Shown => ({
      data: { name, ...place, exitCode: error.exitCode, error: error.message, ...NOTHING },
      said: undefined,
      hint: error.advice && withFlags(error.advice, placeFlags(place, differ)),
      refusals: [],
    }),
  );
  const called = ({ data }: Shown) => placedName(data.name, data, differ);
  const failed = [
    ...targets.flatMap((each) => (each.data.error === undefined ? [] : [`${called(each)}: ${each.data.error}`])),
    ...unreached.map(({ context, error }) => `context ${context}: ${error.message}`),
  ];
  const codes = [...targets.map(({ data }) => data.exitCode), ...unreached.map(({ error }) => error.exitCode)];
  return {
    verb: 'status',
    target: { namespace: world.kube.namespace, name: found.map(({ name }) => name).join(',') },
    dryRun: 'none',
    exitCode: worstOf(codes),
    changed: false,
    results: [],
    refusals: targets.flatMap(({ refusals }) => refusals),
    next: [],
    details: {
      targets: targets.map(({ data }) => data),
      ...(unreached.length > 0 ? { unreached: unreached.map(unreachedData) } : {}),
    },
    message: lines(
      ...(failed.length === 0 ? [] : [`${failed.length} of ${codes.length} cannot be shown: ${some(failed, 10)}`]),
      ...hintsOf(targets),
      ...targets.flatMap((each) => each.data.notes.map((note) => advice`note: ${called(each)}: ${note}`)),
      ...targets.flatMap((each) => (each.said === undefined ? [] : [advice`${called(each)}: ${each.said}`])),
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
