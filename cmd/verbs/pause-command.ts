import { textFlag } from '../../lib/cli/flag.ts';
import { seenFlag } from '../../lib/cli/verb-flags.ts';
import type { PauseIntent } from '../../lib/core/intent/intent.ts';
import { defineVerb } from '../define-verb.ts';
import { given } from '../flags/given.ts';
import { exitCodes, targetIntent, targetPositionals, verbFlags } from '../flags/target-flags.ts';

export const pause = defineVerb({
  readsOnly: false,
  description: [
    'No verb drains or deletes a pod of the StatefulSet until you resume it. A running upgrade is not killed: it stops before its next drain or deletion and waits. Drained pods stay drained; restore can still give them their weight back.',
    'status, questions and Events show who paused it, when and why.',
  ],
  examples: [
    { comment: 'Halt the upgrade of StatefulSet nginx', command: 'pause nginx --reason error-rate' },
    { comment: 'Let it continue', command: 'resume nginx' },
  ],
  positionals: targetPositionals,
  flags: {
    timeout: seenFlag,
    reason: textFlag({ help: 'The reason, for the colleague who runs the upgrade.' }),
    ...verbFlags,
  },
  exitCodes: { ...exitCodes.conflict, ...exitCodes.interrupted },
  intent: ({ positionals: { target }, flags }): PauseIntent => ({
    ...targetIntent(target.name, flags),
    ...given({ reason: flags.reason }),
  }),
  flow: async (world, intent) => (await import('../../lib/flows/verbs/pause.ts')).pause(world, intent),
});
