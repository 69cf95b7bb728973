import { seenFlag } from '../../lib/cli/verb-flags.ts';
import type { TargetIntent } from '../../lib/core/intent/intent.ts';
import { defineVerb } from '../define-verb.ts';
import { exitCodes, targetIntent, targetPositionals, verbFlags } from '../flags/target-flags.ts';

export const resume = defineVerb({
  readsOnly: false,
  description: [
    'Ends a pause, even one that a colleague began. A running upgrade continues by itself within seconds; run refused verbs again.',
  ],
  examples: [{ comment: 'Let the upgrade of StatefulSet nginx continue', command: 'resume nginx' }],
  positionals: targetPositionals,
  flags: { timeout: seenFlag, ...verbFlags },
  exitCodes: { ...exitCodes.conflict, ...exitCodes.interrupted },
  intent: ({ positionals: { target }, flags }): TargetIntent => targetIntent(target.name, flags),
  flow: async (world, intent) => (await import('../../lib/flows/verbs/pause.ts')).resume(world, intent),
});
