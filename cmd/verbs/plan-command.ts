import { choiceFlag } from '../../lib/cli/flag.ts';
import { CONNECTION, OWN, type WrittenFlag, writtenFlags } from '../../lib/cli/repeated.ts';
import {
  allowAloneFlag,
  ignoreIngressFlag,
  minServingFlag,
  noHeadersFlag,
  seenFlag,
  zeroFlags,
} from '../../lib/cli/verb-flags.ts';
import { UsageError } from '../../lib/core/errors.ts';
import type { PlanIntent } from '../../lib/core/intent/intent.ts';
import { formatDuration } from '../../lib/core/values/duration.ts';
import { refuseUselessWindowFlags } from '../../lib/core/window/refuse-useless-flags.ts';
import type { MaxUnavailable } from '../../lib/core/window/size.ts';
import { planSummary } from '../../lib/output/results/plan-summary.ts';
import { defineVerb } from '../define-verb.ts';
import { refuseUnclearGates } from '../flags/gate-flags.ts';
import { given } from '../flags/given.ts';
import { jobFlags, jobUpgradeFlags, jobWish, refuseUnclearJob } from '../flags/job-flags.ts';
import { zeroSourceFlags } from '../flags/source-flags.ts';
import { exitCodes, targetFlags, targetIntent, targetPositionals } from '../flags/target-flags.ts';
import { refuseWindowOfBatches, upgradeFlags } from '../flags/upgrade-flags.ts';

export const plan = defineVerb({
  readsOnly: true,
  showsWhere: true,
  description: [
    'Lists the steps, what each touches, the minimum time given the current pods and connections, what to check by eye, and which rules would refuse a step right now. Writes nothing.',
    'On a terminal a table fits: long names lose their middle, and the columns that are needed least are left out. -o wide shows everything; through a pipe nothing is cut.',
    'With -o job it prints one manifest, for kubectl apply: a Job that runs upgrade with these flags inside the cluster, and a ServiceAccount that may do this upgrade and nothing else. It is pinned to this StatefulSet and its template, and refused on another.',
    'With -o argo it prints the same upgrade as a Workflow of Argo, which waits for a person before each batch.',
    'With -o sh it prints a bash script of these commands, to read, change and run. The script stops at the first step that fails, with its exit code. It contains no credentials that were given as flags.',
  ],
  examples: [
    { comment: 'The steps of an upgrade pod by pod', command: 'plan nginx --image nginx=nginx:1.25.4 --surge 1' },
    {
      comment: 'In batches of four, as a script',
      command: 'plan nginx --image nginx=nginx:1.25.4 --batch 4 --surge 4 -o sh',
    },
    {
      comment: 'As a sliding window of four, as a script: a loop of three commands',
      command: 'plan nginx --image nginx=nginx:1.25.4 --max-unavailable 4 -o sh',
    },
    {
      comment: 'As a Job that runs in the cluster, with the cloud key of a Secret',
      command:
        'plan nginx --image nginx=nginx:1.25.4 --surge 1 -o job --job-image zeroloss:v1 --job-secret zeroloss-cloud-key',
    },
    {
      comment: 'As a Workflow of Argo, in batches of four, each behind an approval',
      command:
        'plan nginx --image nginx=nginx:1.25.4 --batch 4 -o argo --job-image zeroloss:v1 --job-secret zeroloss-cloud-key',
    },
  ],
  positionals: targetPositionals,
  flags: {
    ...upgradeFlags,
    ...zeroSourceFlags,
    ...jobUpgradeFlags,
    ...jobFlags,
    ignoreIngress: ignoreIngressFlag,
    allowAlone: allowAloneFlag,
    minServing: minServingFlag,
    timeout: seenFlag,
    output: choiceFlag({
      short: 'o',
      shown: "''",
      help: 'Output format. One of: (json, yaml, wide, sh, job, argo).',
      values: ['json', 'yaml', 'wide', 'sh', 'job', 'argo'],
      absent: undefined,
    }),
    noHeaders: noHeadersFlag,
    ...targetFlags,
  },
  exitCodes: { ...exitCodes.notYet, ...exitCodes.interrupted },
  checks: [refuseWindowOfBatches, refuseSoakInWindowScript, refuseUnclearGates, refuseUnclearJob],
  intent: ({ positionals: { target }, flags }, { typed }): PlanIntent => ({
    ...targetIntent(target.name, flags),
    images: flags.image,
    ...given({ restart: flags.restart || undefined }),
    batch: flags.batch,
    surge: flags.surge,
    soakMs: flags.soak,
    stableForMs: flags.stableFor,
    countingWords: countingWords(flags),
    ...given({
      job: jobWish(flags, typed),
      sources: flags.source,
      maxUnavailable: flags.maxUnavailable,
      ignoreIngress: flags.ignoreIngress || undefined,
      allowAlone: flags.allowAlone,
      minServing: flags.minServing,
    }),
  }),
  badDefaults: 'foresee',
  // Only the sources are asked that cost nothing per pod, as by status.
  counts: false,
  flow: async (world, intent, { flags }) => {
    const { maxUnavailable, busyAfter, stableFor } = flags;
    refuseUselessWindowFlags({
      stableForMs: stableFor,
      ...given({ maxUnavailable, busyAfterMs: busyAfter === 0 ? undefined : busyAfter }),
    });
    return (await import('../../lib/flows/verbs/plan.ts')).plan(world, intent);
  },
  printer: ({ flags }) => ({
    message: ({ details, refusals }) =>
      refusals.length === 0
        ? planSummary(details)
        : `${planSummary(details)}
right now it would be refused:`,
    async text({ details, refusals }, { format, headers, width }) {
      if (format === 'sh') {
        const { planScript } = await import('../../lib/core/plan/script.ts');
        // Pinned: the script is never run on another cluster because the context was changed since.
        const pinned = { ...flags, context: flags.context ?? details.context };
        const [connection, own] = [words(writtenFlags(CONNECTION, pinned)), words(writtenFlags(OWN, flags))];
        return planScript(details, { flags: connection, own, refusals });
      }
      if (format === 'job' || format === 'argo') {
        const { manifestText } = await import('../../lib/output/results/manifest-text.ts');
        return manifestText(details.manifest ?? [], refusals);
      }
      const { renderPlanTable } = await import('../../lib/output/results/plan-table.ts');
      return renderPlanTable(details, { headers, width: format === 'wide' ? undefined : width });
    },
  }),
});

/** Throws UsageError. */
function refuseSoakInWindowScript(flags: {
  output: string | undefined;
  maxUnavailable: MaxUnavailable | undefined;
  soak: number;
}): void {
  if (flags.output !== 'sh' || flags.maxUnavailable === undefined || flags.soak === 0) return;
  throw new UsageError(
    'a script of the window cannot observe each pod for --soak: its commands take turns',
    'leave --soak out, print batches (--batch), or run "upgrade" with the same flags',
  );
}

/** Only what was asked for: the defaults need no words. */
function countingWords(flags: {
  stableFor: number;
  maxConnections: number;
  source: readonly string[] | undefined;
  ignorePort: readonly string[] | undefined;
  debugImage: string | undefined;
  metric: { text: string } | undefined;
  metricsPort: number | undefined;
  metricsPath: string | undefined;
}): string[] {
  return [
    ...(flags.stableFor === zeroFlags.stableFor.read([], 'stable-for')
      ? []
      : ['--stable-for', formatDuration(flags.stableFor)]),
    ...(flags.maxConnections === 0 ? [] : ['--max-connections', String(flags.maxConnections)]),
    ...named('ignore-port', flags.ignorePort?.join(',')),
    ...named('source', flags.source?.join(',')),
    ...named('debug-image', flags.debugImage),
    ...named('metric', flags.metric?.text),
    ...named('metrics-port', flags.metricsPort),
    ...named('metrics-path', flags.metricsPath),
  ];
}

const named = (name: string, value: string | number | undefined): string[] =>
  value === undefined ? [] : [`--${name}`, String(value)];

const words = (written: readonly WrittenFlag[]): string[] =>
  written.map(([flag, value]) => (value === undefined ? flag : `${flag}=${value}`));
