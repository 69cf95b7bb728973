import { defineCommand } from '../../lib/cli/define-command.ts';
import { switchFlag } from '../../lib/cli/flag.ts';
import { optionalOrdinalsPositional } from '../../lib/cli/positionals.ts';
import { takeOverFlag, timeoutFlag } from '../../lib/cli/verb-flags.ts';
import type { RecreateIntent } from '../../lib/core/intent/intent.ts';
import type { Context } from '../context.ts';
import { given } from '../flags/given.ts';
import { zeroSourceFlags } from '../flags/source-flags.ts';
import { ordinalsIntent, zeroIntent } from '../flags/zero-intent.ts';
import { summaries } from '../summaries.ts';
import { exitCodes, runVerb, targetIntent, targetPositionals, verbFlags } from '../verb.ts';

export const recreate = defineCommand({
  name: 'recreate',
  summary: summaries.recreate,
  description: [
    'Deletes the outdated pods of the drained ones, each by its UID so that a pod which was replaced meanwhile is never hit, and waits until the replacements run the update revision and are ready. They stay at weight 0 until advance or restore.',
    'It is refused unless the load balancer shows weight 0 and every source reads zero right now; see wait-zero for what zero means.',
  ],
  examples: [
    { comment: 'Recreate all drained pods of StatefulSet nginx', command: 'recreate nginx' },
    { comment: 'Recreate one of them, with respect for PodDisruptionBudgets', command: 'recreate nginx 0 --evict' },
  ],
  positionals: { ...targetPositionals, ordinals: optionalOrdinalsPositional },
  flags: {
    timeout: timeoutFlag('15m'),
    evict: switchFlag({
      help: 'Use the Eviction API, which respects PodDisruptionBudgets, instead of a plain delete.',
    }),
    force: switchFlag({
      help: 'Delete although connections remain or cannot be counted. They break; the output says how many are known of.',
    }),
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
  run(context: Context, { positionals: { target, ordinals }, flags }) {
    const intent: RecreateIntent = {
      ...targetIntent(target.name, flags),
      ...zeroIntent(flags),
      ...ordinalsIntent(ordinals, target.name),
      evict: flags.evict,
      force: flags.force,
      ...given({ takeOver: flags.takeOver || undefined }),
    };
    return runVerb(context, intent, flags, (world) => context.flows.recreate(world, intent));
  },
});
