import { type Flag, scalarFlag, switchFlag } from '../../lib/cli/flag.ts';
import { optionalOrdinalsPositional } from '../../lib/cli/positionals.ts';
import { takeOverFlag, timeoutFlag } from '../../lib/cli/verb-flags.ts';
import { UsageError } from '../../lib/core/errors.ts';
import type { RestoreIntent } from '../../lib/core/intent/intent.ts';
import { own } from '../../lib/core/values/command.ts';
import { parseDuration } from '../../lib/core/values/duration.ts';
import { parseCanaryWeights } from '../../lib/core/weights/canary.ts';
import { defineVerb } from '../define-verb.ts';
import { gateFlags, gatesOf } from '../flags/gate-flags.ts';
import { given } from '../flags/given.ts';
import { zeroSourceFlags } from '../flags/source-flags.ts';
import { exitCodes, targetIntent, targetPositionals, verbFlags } from '../flags/target-flags.ts';
import { ordinalsIntent, zeroIntent } from '../flags/zero-intent.ts';

const EVERY_MS = 120_000;

const weightFlag: Flag<readonly number[] | undefined> = scalarFlag<readonly number[] | undefined>({
  shown: "''",
  help: 'Raise ORDINALS to these weights, one after the other (1,5,10), instead of giving the former weight back at once.',
  absent: undefined,
  parse: parseCanaryWeights,
});

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
  exitCodes: {
    ...exitCodes.refused,
    ...exitCodes.conflict,
    ...exitCodes.notYet,
    ...exitCodes.disagrees,
    ...exitCodes.interrupted,
  },
  intent({ positionals: { target, ordinals }, flags }): RestoreIntent {
    if (flags.force && !flags.weightsOnly)
      throw new UsageError('--force needs --weights-only', own('restore', target.name, '--weights-only', '--force'));
    if (flags.weight !== undefined && (ordinals === undefined || flags.weightsOnly))
      throw new UsageError(
        '--weight needs ORDINALS, and cannot be combined with --weights-only',
        own('restore', target.name, '0', '--weight', '1,5,10', '--every', '2m'),
      );
    if (flags.weight === undefined && (flags.every ?? flags.gateCommand ?? flags.gateQuery) !== undefined)
      throw new UsageError(
        '--every, --gate-command and --gate-query need --weight: nothing would be observed',
        own('restore', target.name, '0', '--weight', '1,5,10', '--every', '2m'),
      );
    return {
      ...targetIntent(target.name, flags),
      ...zeroIntent(flags),
      ...ordinalsIntent(ordinals, target.name),
      weightsOnly: flags.weightsOnly,
      ...given({ force: flags.force || undefined, takeOver: flags.takeOver || undefined }),
      ...(flags.weight === undefined ? {} : { weights: flags.weight, everyMs: flags.every ?? EVERY_MS }),
    };
  },
  gates: ({ flags }, { env }) => gatesOf(flags, env),
  flow: async (world, intent) => (await import('../../lib/flows/verbs/restore.ts')).restore(world, intent),
});
