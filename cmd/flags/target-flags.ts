/** The common part of all verbs on a TARGET: their flags, the part of the intent that these fill in, and their exit codes. */

import type { Arguments, Flags } from '../../lib/cli/arguments.ts';
import { cloudFlags } from '../../lib/cli/cloud-flags.ts';
import { connectionFlags } from '../../lib/cli/connection-flags.ts';
import { targetPositional } from '../../lib/cli/positionals.ts';
import { commonFlags, dryRunFlag, outputFlag, recordFlag, serviceFlag } from '../../lib/cli/verb-flags.ts';
import type { TargetIntent } from '../../lib/core/intent/intent.ts';
import { MAX_DURATION_MS } from '../../lib/core/values/duration.ts';
import type { OutputFormat } from '../../lib/output/results/print-outcome.ts';
import { given } from './given.ts';

/** Every verb on a TARGET takes these. */
export const targetFlags = {
  service: serviceFlag,
  ...connectionFlags,
  ...cloudFlags,
  ...recordFlag,
  ...commonFlags,
} satisfies Flags;

/** Every verb that may write takes these. */
export const verbFlags = { ...targetFlags, output: outputFlag, dryRun: dryRunFlag } satisfies Flags;

export const targetPositionals = { target: targetPositional };

type Values<F extends Flags> = Arguments<Record<never, never>, F>['flags'];

/** The values that every verb has, and those that only some have. */
export type VerbValues = Values<typeof targetFlags> &
  Partial<Pick<Values<typeof verbFlags>, 'dryRun'>> & {
    output?: OutputFormat | undefined;
    noHeaders?: boolean;
    watch?: boolean;
    allNamespaces?: boolean;
    timeout?: number;
    notifyCommand?: string | undefined;
    metricsTextfile?: string | undefined;
  };

/** The part of an intent that every verb has. `--timeout 0` means no limit. */
export function targetIntent(
  name: string,
  flags: Pick<VerbValues, 'service' | 'dryRun'> & { timeout?: number },
): TargetIntent {
  return {
    name,
    dryRun: flags.dryRun?.mode ?? 'none',
    timeoutMs: flags.timeout === undefined || flags.timeout === 0 ? MAX_DURATION_MS : flags.timeout,
    ...given({ services: flags.service }),
  };
}

const singleCodes = {
  refused: { 4: 'refused by a safety rule, nothing was written' },
  conflict: { 5: 'another writer kept changing the same object' },
  notYet: { 6: 'not yet: the time-out passed; run it again' },
  asked: { 6: 'not yet: the time-out passed, or a question was not answered with y; run it again' },
  disagrees: {
    7: 'written, and then stopped by a rule, or not shown by the load balancer or the cluster (see "reason")',
  },
  interrupted: { 130: 'interrupted (143: terminated); completed writes stay' },
} as const;

const { refused, conflict, notYet, asked, disagrees, interrupted } = singleCodes;

/** Exit codes that several verbs share, in the words of their help; and those of a verb that writes weights, with and without a question. */
export const exitCodes = {
  ...singleCodes,
  writes: { ...refused, ...conflict, ...notYet, ...disagrees, ...interrupted },
  asksAndWrites: { ...refused, ...conflict, ...asked, ...disagrees, ...interrupted },
} as const;
