import { type Flag, scalarFlag, switchFlag } from '../../lib/cli/flag.ts';
import { optionalOrdinalsPositional } from '../../lib/cli/positionals.ts';
import { takeOverFlag, timeoutFlag } from '../../lib/cli/verb-flags.ts';
import { UsageError } from '../../lib/core/errors.ts';
import type { RestoreIntent } from '../../lib/core/intent/intent.ts';
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
    'Without ORDINALS everything goes back: each Service has its annotation exactly as before the first drain, or none, and what this program keeps there is removed. Replicas that surge added are scaled away first, once they are drained and at zero. It is safe at any moment: the way out.',
    'With --weight the pods, which must be updated and well, are raised to one weight after the other; a step that is not well stops there and says how to go on or back. It ends with what traffic goes where.',
  ],
  examples: [
    { comment: 'Undo every drain of StatefulSet nginx', command: 'restore nginx' },
    {
      comment: 'The emergency exit: weights back at once, a surge stays, the cloud is not asked',
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
      help: 'Give weights back and touch nothing else: a surge stays as it is, and the cloud is not asked.',
    }),
    force: switchFlag({
      help: 'With --weights-only: where somebody has damaged the weight annotation so that it cannot be read, put back the text that was recorded before the first drain.',
    }),
    weight: weightFlag,
    every: scalarFlag<number | undefined>({
      shown: '2m',
      absent: undefined,
      parse: parseDuration,
      help: 'How long each weight of --weight but the last is observed before the next.',
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
      throw new UsageError('--force needs --weights-only', 'restore nginx --weights-only --force');
    if (flags.weight !== undefined && (ordinals === undefined || flags.weightsOnly))
      throw new UsageError(
        '--weight needs ORDINALS, and cannot be combined with --weights-only',
        'restore nginx 0 --weight 1,5,10 --every 2m',
      );
    if (flags.weight === undefined && (flags.every ?? flags.gateCommand ?? flags.gateQuery) !== undefined)
      throw new UsageError(
        '--every, --gate-command and --gate-query need --weight: nothing would be observed',
        'restore nginx 0 --weight 1,5,10 --every 2m',
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
