import { durationFlag } from '../../lib/cli/flag.ts';
import { optionalOrdinalsPositional } from '../../lib/cli/positionals.ts';
import { outputFlag, seenFlag } from '../../lib/cli/verb-flags.ts';
import type { VerifyIntent } from '../../lib/core/intent/intent.ts';
import { defineVerb } from '../define-verb.ts';
import { gateFlags, gatesOf, refuseUnclearGates } from '../flags/gate-flags.ts';
import { noticeFlags } from '../flags/notice-flags.ts';
import { exitCodes, targetFlags, targetIntent, targetPositionals } from '../flags/target-flags.ts';
import { ordinalsIntent, refuseUnreadable } from '../flags/zero-intent.ts';

export const verify = defineVerb({
  readsOnly: true,
  description: [
    'Each pod must run the update revision and the images of the template, be ready with every readiness gate met, and be healthy at the load balancer. With --for all of that must hold the whole time, with a weight above 0 on every listener and without a restart. It does not check that requests arrive. Without ORDINALS it verifies every updated pod.',
    'You can add a check of your own as a command or as a Prometheus query. It waits until the load balancer has bound each ready pod and finished its first health checks, at most until --timeout, and exits with 7 at the first look that finds anything wrong. It changes nothing.',
  ],
  examples: [
    { comment: 'Look once at all updated pods of StatefulSet nginx', command: 'verify nginx' },
    { comment: 'Observe pod nginx-0 for ten minutes', command: 'verify nginx 0 --for 10m' },
    {
      comment: 'The same, as long as a Prometheus query is true',
      command: `verify nginx 0 --for 10m --prometheus http://prometheus:9090 --gate-query up`,
    },
  ],
  positionals: { ...targetPositionals, ordinals: optionalOrdinalsPositional },
  flags: {
    timeout: seenFlag,
    for: durationFlag({
      absent: '0s',
      help: 'How long everything must hold, with a weight above 0 on every listener. Zero looks once.',
    }),
    ...gateFlags,
    output: outputFlag,
    ...noticeFlags,
    ...targetFlags,
  },
  exitCodes: {
    ...exitCodes.refused,
    ...exitCodes.notYet,
    7: 'the load balancer or a pod is not as expected, or a gate fails; the message names which, and since when',
    ...exitCodes.interrupted,
  },
  checks: [refuseUnclearGates, (_, args) => refuseUnreadable(args?.ordinals, args?.target.name)],
  intent: ({ positionals: { target, ordinals }, flags }): VerifyIntent => ({
    ...targetIntent(target.name, flags),
    ...ordinalsIntent(ordinals, target.name),
    forMs: flags.for,
  }),
  gates: ({ flags }, { env }) => gatesOf(flags, env),
  flow: async (world, intent) => (await import('../../lib/flows/verbs/verify.ts')).verify(world, intent),
});
