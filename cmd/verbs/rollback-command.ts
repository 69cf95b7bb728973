import { wholeFlag } from '../../lib/cli/flag.ts';
import { seenFlag } from '../../lib/cli/verb-flags.ts';
import type { RollbackIntent } from '../../lib/core/intent/intent.ts';
import { defineVerb } from '../define-verb.ts';
import { given } from '../flags/given.ts';
import { exitCodes, targetIntent, targetPositionals, verbFlags } from '../flags/target-flags.ts';
import { pinFlag } from '../flags/upgrade-flags.ts';

export const rollback = defineVerb({
  readsOnly: false,
  description: [
    'Shows what changes in the template and puts the former one back. Touches no pod: the updated pods become outdated, and drain, wait-zero, recreate and advance bring them back under the same rules.',
    'The former revision is the one that upgrade kept, else the one that outdated pods still run, else the newest one older than the current one. A second rollback changes nothing; use --to-revision to go to any other revision.',
  ],
  examples: [
    { comment: 'See what would change', command: 'rollback nginx --dry-run=client' },
    { comment: 'Go back, pod by pod, starting with what is drained now', command: 'rollback nginx' },
    { comment: 'Go back to revision 3', command: 'rollback nginx --to-revision 3' },
  ],
  positionals: targetPositionals,
  flags: {
    timeout: seenFlag,
    toRevision: wholeFlag({
      shown: "''",
      help: 'The number of the revision, as kubectl rollout history shows it.',
      least: 1,
      absent: undefined,
    }),
    pin: pinFlag(
      'UID/HASH or UID/HASH/HASH: refuse unless the StatefulSet has this UID and the template of the first hash, which is the one to be taken back. plan -o argo writes it into its manifest.',
    ),
    ...verbFlags,
  },
  exitCodes: { ...exitCodes.refused, ...exitCodes.conflict, ...exitCodes.notYet, ...exitCodes.interrupted },
  intent: ({ positionals: { target }, flags }): RollbackIntent => ({
    ...targetIntent(target.name, flags),
    ...given({ toRevision: flags.toRevision, pin: flags.pin }),
  }),
  flow: async (world, intent) => (await import('../../lib/flows/verbs/rollback.ts')).rollback(world, intent),
});
