import { scalarFlag, textFlag, wholeFlag } from '../../lib/cli/flag.ts';
import { allowAloneFlag, ignoreIngressFlag, minServingFlag, timeoutFlag } from '../../lib/cli/verb-flags.ts';
import { UsageError } from '../../lib/core/errors.ts';
import type { AdvanceIntent } from '../../lib/core/intent/intent.ts';
import { parseOrdinals } from '../../lib/core/target/ordinals.ts';
import { type MaxUnavailable, parseMaxUnavailable } from '../../lib/core/window/size.ts';
import { defineVerb } from '../define-verb.ts';
import { given } from '../flags/given.ts';
import { exitCodes, targetIntent, targetPositionals, verbFlags } from '../flags/target-flags.ts';
import { refuseUnreadable } from '../flags/zero-intent.ts';

/** Throws UsageError. */
function refuseChoiceInWindow(flags: {
  maxUnavailable: MaxUnavailable | undefined;
  batch: number | undefined;
  from: string | undefined;
  to: string | undefined;
}): void {
  if (flags.maxUnavailable === undefined || (flags.batch ?? flags.from ?? flags.to) === undefined) return;
  throw new UsageError(
    '--max-unavailable chooses the pods by itself',
    'give it without --batch, --from and --to: --max-unavailable 4 keeps at most four pods out of service',
  );
}

export const advance = defineVerb({
  readsOnly: false,
  description: [
    'Gives the drained pods their former weights back and sets the next outdated ones to 0, in one write. It uses two writes if fewer pods than the floor could serve in between; the second follows once the load balancer shows the first. Refuses unless the whole batch is updated and ready. You can stop it at any point: the same command continues, or finds that it has advanced already.',
    'With --max-unavailable it moves a window instead: the pods that are updated and ready come back, the others stay at 0, and more are drained, as far as the window and the floor allow. It may start with nothing drained.',
    'If no outdated pod is left, it gives the last batch its weights back and exits with 3, so that a loop can end. After a surge it also drains the surplus pods in that write and exits with 0; the next call exits with 3. They may still have connections then: wait-zero waits for them before restore scales them away.',
  ],
  examples: [
    { comment: 'Move on to the next batch, of the same size', command: 'advance nginx' },
    { comment: 'Move on to the next four pods', command: 'advance nginx --batch 4' },
    {
      comment:
        'Keep ten pods out of service, each at its own pace: in a loop with wait-zero --any and recreate --at-zero',
      command: 'advance nginx --max-unavailable 10',
    },
    { comment: 'The same by name: typed again it changes nothing', command: 'advance nginx --from 0-3 --to 4-7' },
  ],
  positionals: targetPositionals,
  flags: {
    timeout: timeoutFlag('5m'),
    batch: wholeFlag({
      shown: "''",
      help: 'How many pods to drain next. By default as many as are drained now.',
      least: 1,
      absent: undefined,
    }),
    maxUnavailable: scalarFlag<MaxUnavailable | undefined>({
      shown: "''",
      help: 'A window in place of batches: give back the pods that are done, and drain as many more as keep at most this many pods, or this share of the replicas (10%), out of service. Not together with --batch, --from and --to.',
      absent: undefined,
      parse: parseMaxUnavailable,
    }),
    from: textFlag({ help: 'ORDINALS of the batch that gets its weight back. By default the drained pods.' }),
    to: textFlag({ help: 'ORDINALS that are drained next. By default the next outdated ones, or with --from none.' }),
    minServing: minServingFlag,
    ignoreIngress: ignoreIngressFlag,
    allowAlone: allowAloneFlag,
    ...verbFlags,
  },
  exitCodes: { 3: 'nothing is left to advance to', ...exitCodes.asksAndWrites },
  checks: [
    refuseChoiceInWindow,
    ({ from }, args) => refuseUnreadable(from, args?.target.name),
    ({ to }, args) => refuseUnreadable(to, args?.target.name),
  ],
  intent: ({ positionals: { target }, flags }): AdvanceIntent => ({
    ...targetIntent(target.name, flags),
    ...given({
      batch: flags.batch,
      maxUnavailable: flags.maxUnavailable,
      from: flags.from === undefined ? undefined : parseOrdinals(flags.from, target.name),
      to: flags.to === undefined ? undefined : parseOrdinals(flags.to, target.name),
      minServing: flags.minServing,
      ignoreIngress: flags.ignoreIngress || undefined,
      allowAlone: flags.allowAlone,
    }),
  }),
  flow: async (world, intent) => (await import('../../lib/flows/verbs/advance.ts')).advance(world, intent),
});
