import { defineCommand } from '../lib/cli/define.ts';
import { switchFlag } from '../lib/cli/flag.ts';
import { timeoutFlag } from '../lib/cli/flags.ts';
import { optionalOrdinalsPositional } from '../lib/cli/positionals.ts';
import type { RestoreIntent } from '../lib/core/intent.ts';
import type { Context } from './context.ts';
import { zeroSourceFlags } from './sources.ts';
import { exitCodes, runVerb, targetIntent, targetPositionals, verbFlags } from './verb.ts';
import { ordinalsIntent, zeroIntent } from './zero-intent.ts';

export const restore = defineCommand({
  name: 'restore',
  summary: 'Give drained pods their former weights back',
  description: [
    'Without ORDINALS everything goes back: each Service has its annotation exactly as before the first drain, or none, and what this program keeps there is removed. Replicas that surge added are scaled away first, once they are drained and at zero. It is safe at any moment: the way out.',
  ],
  examples: [
    { comment: 'Undo every drain of StatefulSet nginx', command: 'restore nginx' },
    {
      comment: 'The emergency exit: weights back at once, a surge stays, the cloud is not asked',
      command: 'restore nginx --weights-only',
    },
    { comment: 'Give pod nginx-1 its weight back, and keep the others drained', command: 'restore nginx 1' },
  ],
  positionals: { ...targetPositionals, ordinals: optionalOrdinalsPositional },
  flags: {
    timeout: timeoutFlag('15m'),
    weightsOnly: switchFlag({
      help: 'Give weights back and touch nothing else: a surge stays as it is, and the cloud is not asked.',
    }),
    ...zeroSourceFlags,
    ...verbFlags,
  },
  exitCodes: {
    ...exitCodes.refused,
    ...exitCodes.conflict,
    ...exitCodes.notYet,
    ...exitCodes.disagrees,
    ...exitCodes.interrupted,
  },
  run(context: Context, { positionals: { target, ordinals }, flags }) {
    const intent: RestoreIntent = {
      ...targetIntent(target.name, flags),
      ...zeroIntent(flags),
      ...ordinalsIntent(ordinals, target.name),
      weightsOnly: flags.weightsOnly,
    };
    return runVerb(context, intent, flags, (world) => context.flows.restore(world, intent));
  },
});
