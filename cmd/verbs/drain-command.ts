import { optionalOrdinalsPositional, ordinalsPositional } from '../../lib/cli/positionals.ts';
import {
  allowAloneFlag,
  ignoreIngressFlag,
  minServingFlag,
  nodeFlag,
  skipDoneFlag,
  timeoutFlag,
} from '../../lib/cli/verb-flags.ts';
import { UsageError } from '../../lib/core/errors.ts';
import type { DrainIntent } from '../../lib/core/intent/intent.ts';
import { parseOrdinals } from '../../lib/core/target/ordinals.ts';
import type { Target } from '../../lib/core/target/target.ts';
import { lines } from '../../lib/core/values/command.ts';
import { defineVerb } from '../define-verb.ts';
import { given } from '../flags/given.ts';
import { exitCodes, targetIntent, targetPositionals, verbFlags } from '../flags/target-flags.ts';
import { refuseBoth, refuseUnreadable } from '../flags/zero-intent.ts';

/** Throws UsageError, with the probable intention. */
function refuseNone(
  nodes: readonly string[] | undefined,
  args: { target: Target; ordinals: string | undefined },
): void {
  if (args.ordinals !== undefined || nodes !== undefined) return;
  throw new UsageError(
    'ORDINALS is missing: drain takes TARGET ORDINALS',
    lines(
      ordinalsPositional.probable?.([args.target.name], 'drain') ?? ordinalsPositional.description,
      'or --node NODE in their place: the pods on a cordoned node',
    ),
  );
}

export const drain = defineVerb({
  readsOnly: false,
  description: [
    'The pods get no new connections; existing connections continue. Adds ORDINALS to the pods that are drained already. Ends when the load balancer itself shows weight 0 on every listener that binds them.',
    'Refuses if the StatefulSet is not OnDelete, if a Service does not bind pods directly, or if fewer backends than --min-serving would remain.',
  ],
  examples: [
    { comment: 'Drain pod nginx-0 of StatefulSet nginx', command: 'drain nginx 0' },
    { comment: 'Drain the first four pods, in namespace prod', command: 'drain sts/nginx 0-3 -n prod' },
    { comment: 'Drain the pods on a cordoned node', command: 'drain nginx --node node-7' },
    { comment: 'Show what would be written', command: 'drain nginx 0,1 --dry-run=client' },
  ],
  positionals: { ...targetPositionals, ordinals: optionalOrdinalsPositional },
  flags: {
    timeout: timeoutFlag('5m'),
    node: nodeFlag,
    minServing: minServingFlag,
    ignoreIngress: ignoreIngressFlag,
    allowAlone: allowAloneFlag,
    skipDone: skipDoneFlag,
    ...verbFlags,
  },
  exitCodes: exitCodes.asksAndWrites,
  checks: [
    (flags, args) => args && refuseNone(flags.node, args),
    (flags, args) => refuseBoth(args?.ordinals, flags.node),
    (_, args) => refuseUnreadable(args?.ordinals, args?.target.name),
  ],
  intent: ({ positionals: { target, ordinals: text }, flags }): DrainIntent => ({
    ...targetIntent(target.name, flags),
    ...given({ nodes: flags.node }),
    ...given({ skipDone: flags.skipDone || undefined }),
    // Where nodes name the pods, the flow finds them.
    ordinals: text === undefined ? [] : parseOrdinals(text, target.name),
    ...given({
      minServing: flags.minServing,
      ignoreIngress: flags.ignoreIngress || undefined,
      allowAlone: flags.allowAlone,
    }),
  }),
  flow: async (world, intent) => (await import('../../lib/flows/verbs/drain.ts')).drain(world, intent),
});
