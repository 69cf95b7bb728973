import { type Flag, scalarFlag, switchFlag } from '../../lib/cli/flag.ts';
import { optionalOrdinalsPositional } from '../../lib/cli/positionals.ts';
import { takeOverFlag, timeoutFlag } from '../../lib/cli/verb-flags.ts';
import { UsageError } from '../../lib/core/errors.ts';
import type { RestoreIntent } from '../../lib/core/intent/intent.ts';
import type { Target } from '../../lib/core/target/target.ts';
import { type Advice, own } from '../../lib/core/values/command.ts';
import { parseDuration } from '../../lib/core/values/duration.ts';
import { parseCanaryWeights } from '../../lib/core/weights/canary.ts';
import { defineVerb } from '../define-verb.ts';
import { gateFlags, gatesOf, refuseUnclearGates } from '../flags/gate-flags.ts';
import { given } from '../flags/given.ts';
import { zeroSourceFlags } from '../flags/source-flags.ts';
import { exitCodes, targetIntent, targetPositionals, verbFlags } from '../flags/target-flags.ts';
import { ordinalsIntent, refuseUnreadable, zeroIntent } from '../flags/zero-intent.ts';

const EVERY_MS = 120_000;

const weightFlag: Flag<readonly number[] | undefined> = scalarFlag<readonly number[] | undefined>({
  shown: "''",
  help: 'Raise ORDINALS to these weights, one after the other (1,5,10), instead of giving the former weight back at once.',
  absent: undefined,
  parse: parseCanaryWeights,
});

interface RestoreValues {
  force: boolean;
  weightsOnly: boolean;
  weight: readonly number[] | undefined;
  every: number | undefined;
  gateCommand: string | undefined;
  gateQuery: string | undefined;
}

interface Named {
  target: Target;
  ordinals: string | undefined;
}

const nameOf = (args: Named | undefined): string => args?.target.name ?? 'TARGET';
const inSteps = (args: Named | undefined): Advice =>
  own('restore', nameOf(args), args?.ordinals ?? '0', '--weight', '1,5,10', '--every', '2m');

/** Throws UsageError. */
function refuseForceAlone({ force, weightsOnly }: RestoreValues, args: Named | undefined): void {
  if (force && !weightsOnly)
    throw new UsageError('--force needs --weights-only', own('restore', nameOf(args), '--weights-only', '--force'));
}

/** Throws UsageError. */
function refuseWeightOfAll({ weight, weightsOnly }: RestoreValues, args: Named | undefined): void {
  if (weight === undefined || !(weightsOnly || (args !== undefined && args.ordinals === undefined))) return;
  throw new UsageError('--weight needs ORDINALS, and cannot be combined with --weights-only', inSteps(args));
}

/** Throws UsageError. */
function refuseUnobserved({ weight, every, gateCommand, gateQuery }: RestoreValues, args: Named | undefined): void {
  if (weight === undefined && (every ?? gateCommand ?? gateQuery) !== undefined)
    throw new UsageError(
      '--every, --gate-command and --gate-query need --weight: nothing would be observed',
      inSteps(args),
    );
}

export const restore = defineVerb({
  readsOnly: false,
  description: [
    'Without ORDINALS it undoes everything: each Service gets back exactly the annotation from before the first drain, or none, and removes the annotations of this program. It first scales away the replicas that surge added, once they are drained and at zero. Safe at any moment: this is the way out.',
    'With --weight it raises the pods, which must be updated and healthy, to one weight after the other. It stops at the first step that fails and shows how to continue or go back. It ends with the share of traffic that each pod gets.',
  ],
  examples: [
    { comment: 'Undo every drain of StatefulSet nginx', command: 'restore nginx' },
    {
      comment: 'The emergency exit: weights back at once, keeps a surge, does not ask the cloud',
      command: 'restore nginx --weights-only',
    },
    { comment: 'Give pod nginx-1 its weight back, and keep the others drained', command: 'restore nginx 1' },
    {
      comment: 'A canary: raise its weight in steps, and verify for two minutes between them',
      command: 'restore nginx 1 --weight 1,5,10 --every 2m',
    },
  ],
  positionals: { ...targetPositionals, ordinals: optionalOrdinalsPositional },
  flags: {
    timeout: timeoutFlag('15m'),
    weightsOnly: switchFlag({
      help: 'Give weights back and touch nothing else: keeps a surge as it is, and does not ask the cloud.',
    }),
    force: switchFlag({
      help: 'With --weights-only: if the weight annotation is damaged and cannot be read, put back the text from before the first drain.',
    }),
    weight: weightFlag,
    every: scalarFlag<number | undefined>({
      shown: '2m',
      absent: undefined,
      parse: parseDuration,
      help: 'How long to observe each weight of --weight, except the last, before the next.',
    }),
    ...gateFlags,
    ...zeroSourceFlags,
    takeOver: takeOverFlag,
    ...verbFlags,
  },
  exitCodes: exitCodes.writes,
  checks: [
    refuseForceAlone,
    refuseWeightOfAll,
    refuseUnobserved,
    refuseUnclearGates,
    (_, args) => refuseUnreadable(args?.ordinals, args?.target.name),
  ],
  intent: ({ positionals: { target, ordinals }, flags }): RestoreIntent => ({
    ...targetIntent(target.name, flags),
    ...zeroIntent(flags),
    ...ordinalsIntent(ordinals, target.name),
    weightsOnly: flags.weightsOnly,
    ...given({ force: flags.force || undefined, takeOver: flags.takeOver || undefined }),
    ...(flags.weight === undefined ? {} : { weights: flags.weight, everyMs: flags.every ?? EVERY_MS }),
  }),
  // Weights alone wait for nothing, so that nothing is read for them.
  defaultsOf: ({ positionals: { target, ordinals }, flags }) =>
    flags.weightsOnly || (ordinals !== undefined && flags.weight === undefined) ? undefined : target.name,
  badDefaults: 'warn',
  gates: ({ flags }, { env }) => gatesOf(flags, env),
  flow: async (world, intent) => (await import('../../lib/flows/verbs/restore.ts')).restore(world, intent),
});
