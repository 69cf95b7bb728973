import { ordinalsPositional } from '../../lib/cli/positionals.ts';
import {
  allowAloneFlag,
  ignoreIngressFlag,
  minServingFlag,
  skipDoneFlag,
  timeoutFlag,
} from '../../lib/cli/verb-flags.ts';
import type { DrainIntent } from '../../lib/core/intent/intent.ts';
import { parseOrdinals } from '../../lib/core/target/ordinals.ts';
import { defineVerb } from '../define-verb.ts';
import { given } from '../flags/given.ts';
import { exitCodes, targetIntent, targetPositionals, verbFlags } from '../flags/target-flags.ts';

export const drain = defineVerb({
  readsOnly: false,
  description: [
    'The pods get no new connections; existing connections continue. Adds ORDINALS to the pods that are drained already. Ends when the load balancer itself shows weight 0 on every listener that binds them.',
    'Refuses if the StatefulSet is not OnDelete, if a Service does not bind pods directly, or if fewer backends than --min-serving would remain.',
  ],
  examples: [
    { comment: 'Drain pod nginx-0 of StatefulSet nginx', command: 'drain nginx 0' },
    { comment: 'Drain the first four pods, in namespace prod', command: 'drain sts/nginx 0-3 -n prod' },
    { comment: 'Show what would be written', command: 'drain nginx 0,1 --dry-run=client' },
  ],
  positionals: { ...targetPositionals, ordinals: ordinalsPositional },
  flags: {
    timeout: timeoutFlag('5m'),
    minServing: minServingFlag,
    ignoreIngress: ignoreIngressFlag,
    allowAlone: allowAloneFlag,
    skipDone: skipDoneFlag,
    ...verbFlags,
  },
  exitCodes: {
    ...exitCodes.refused,
    ...exitCodes.conflict,
    ...exitCodes.asked,
    ...exitCodes.disagrees,
    ...exitCodes.interrupted,
  },
  intent: ({ positionals: { target, ordinals }, flags }): DrainIntent => ({
    ...targetIntent(target.name, flags),
    ...given({ skipDone: flags.skipDone || undefined }),
    ordinals: parseOrdinals(ordinals, target.name),
    ...given({
      minServing: flags.minServing,
      ignoreIngress: flags.ignoreIngress || undefined,
      allowAlone: flags.allowAlone,
    }),
  }),
  flow: async (world, intent) => (await import('../../lib/flows/verbs/drain.ts')).drain(world, intent),
});
