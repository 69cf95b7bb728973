import { switchFlag } from '../../lib/cli/flag.ts';
import { optionalOrdinalsPositional } from '../../lib/cli/positionals.ts';
import { nodeFlag, skipDoneFlag, takeOverFlag, timeoutFlag } from '../../lib/cli/verb-flags.ts';
import { UsageError } from '../../lib/core/errors.ts';
import type { RecreateIntent } from '../../lib/core/intent/intent.ts';
import { defineVerb } from '../define-verb.ts';
import { given } from '../flags/given.ts';
import { noticeFlags } from '../flags/notice-flags.ts';
import { zeroSourceFlags } from '../flags/source-flags.ts';
import { exitCodes, targetIntent, targetPositionals, verbFlags } from '../flags/target-flags.ts';
import { ordinalsIntent, refuseBoth, refuseUnreadable, zeroIntent } from '../flags/zero-intent.ts';

/** Throws UsageError. */
function refuseContradiction({ atZero, force }: { atZero: boolean; force: boolean }): void {
  if (atZero && force)
    throw new UsageError(
      '--at-zero and --force contradict each other: one deletes only at zero, the other deletes with open connections too',
      'use one of them',
    );
}

export const recreate = defineVerb({
  readsOnly: false,
  description: [
    'Deletes the drained pods that are outdated, each by its UID, so that it never hits a pod that another writer has replaced. Waits until the replacements run the update revision and are ready. They stay at weight 0 until advance or restore.',
    'Refuses unless the load balancer shows weight 0 and every source reads zero right now; see wait-zero for what zero means.',
  ],
  examples: [
    { comment: 'Recreate all drained pods of StatefulSet nginx', command: 'recreate nginx' },
    {
      comment: 'Recreate those of them that are at zero, and leave the others to their connections',
      command: 'recreate nginx --at-zero',
    },
    { comment: 'Recreate one of them, respecting PodDisruptionBudgets', command: 'recreate nginx 0 --evict' },
  ],
  positionals: { ...targetPositionals, ordinals: optionalOrdinalsPositional },
  flags: {
    timeout: timeoutFlag('15m'),
    node: nodeFlag,
    evict: switchFlag({
      help: 'Use the Eviction API, which respects PodDisruptionBudgets, instead of a plain delete.',
    }),
    force: switchFlag({
      help: 'Delete even if connections remain or cannot be counted. They break; the output shows how many are known.',
    }),
    atZero: switchFlag({
      help: 'Delete only the pods that are at zero, and leave the others as they are. If none is at zero yet, waits for a pod without connections until it has had none for --stable-for.',
    }),
    ...zeroSourceFlags,
    takeOver: takeOverFlag,
    skipDone: skipDoneFlag,
    ...noticeFlags,
    ...verbFlags,
  },
  exitCodes: exitCodes.writes,
  checks: [
    refuseContradiction,
    (flags, args) => refuseBoth(args?.ordinals, flags.node),
    (_, args) => refuseUnreadable(args?.ordinals, args?.target.name),
  ],
  intent: ({ positionals: { target, ordinals }, flags }): RecreateIntent => ({
    ...targetIntent(target.name, flags),
    ...given({ nodes: flags.node }),
    ...given({ skipDone: flags.skipDone || undefined }),
    ...zeroIntent(flags),
    ...ordinalsIntent(ordinals, target.name),
    evict: flags.evict,
    force: flags.force,
    ...given({ takeOver: flags.takeOver || undefined, atZero: flags.atZero || undefined }),
  }),
  flow: async (world, intent) => (await import('../../lib/flows/verbs/recreate.ts')).recreate(world, intent),
});
