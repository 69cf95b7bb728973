import { defineCommand } from '../../lib/cli/define-command.ts';
import { choiceFlag } from '../../lib/cli/flag.ts';
import { CONNECTION, OWN, type WrittenFlag, writtenFlags } from '../../lib/cli/repeated.ts';
import { ignoreIngressFlag, minServingFlag, noHeadersFlag, seenFlag, zeroFlags } from '../../lib/cli/verb-flags.ts';
import type { Refusal } from '../../lib/core/errors.ts';
import type { PlanIntent } from '../../lib/core/intent/intent.ts';
import { planScript } from '../../lib/core/plan/script.ts';
import { isUpgradePlan } from '../../lib/core/plan/upgrade-plan.ts';
import { formatDuration } from '../../lib/core/values/duration.ts';
import type { Context } from '../context.ts';
import { given } from '../flags/given.ts';
import { zeroSourceFlags } from '../flags/source-flags.ts';
import { parseImages, upgradeFlags } from '../flags/upgrade-flags.ts';
import { summaries } from '../summaries.ts';
import { exitCodes, runVerb, targetIntent, targetPositionals, verbFlags } from '../verb.ts';

const { dryRun: _readsOnly, output: _own, ...readFlags } = verbFlags;

export const plan = defineCommand({
  name: 'plan',
  summary: summaries.plan,
  description: [
    'Lists the steps, what each touches, how long it takes at the least by the connections and pods of this moment, what a person should look at, and what would refuse them now. Nothing is written.',
    'With -o sh it is a bash script of these commands, to read, change and run. It stops at the first step that fails, with its exit code. No credentials given as flags are in it.',
  ],
  examples: [
    { comment: 'The steps of an upgrade pod by pod', command: 'plan nginx --image nginx=nginx:1.25.4 --surge 1' },
    {
      comment: 'In batches of four, as a script',
      command: 'plan nginx --image nginx=nginx:1.25.4 --batch 4 --surge 4 -o sh',
    },
  ],
  positionals: targetPositionals,
  flags: {
    ...upgradeFlags,
    ...zeroSourceFlags,
    ignoreIngress: ignoreIngressFlag,
    minServing: minServingFlag,
    timeout: seenFlag,
    output: choiceFlag({
      short: 'o',
      shown: "''",
      help: 'Output format. One of: (json, yaml, sh).',
      values: ['json', 'yaml', 'sh'],
      absent: undefined,
    }),
    noHeaders: noHeadersFlag,
    ...readFlags,
  },
  exitCodes: { ...exitCodes.notYet, ...exitCodes.interrupted },
  run(context: Context, { positionals: { target }, flags }) {
    const { output, source: _counted, debugImage: _added, ...rest } = flags;
    const intent: PlanIntent = {
      ...targetIntent(target.name, { ...rest, output: undefined }),
      images: parseImages(flags.image),
      batch: flags.batch,
      surge: flags.surge,
      soakMs: flags.soak,
      stableForMs: flags.stableFor,
      countingWords: countingWords(flags),
      ...given({ ignoreIngress: flags.ignoreIngress || undefined, minServing: flags.minServing }),
    };
    const data = output === 'json' || output === 'yaml' ? output : undefined;
    // Without the flags of the sources only those are asked that cost nothing per pod, as by status.
    return runVerb(
      context,
      intent,
      { ...rest, output: data },
      async (world) => {
        const outcome = await context.flows.plan(world, intent);
        if (!isUpgradePlan(outcome.details)) return outcome;
        const { planSummary } = await import('../../lib/output/results/plan-table.ts');
        return { ...outcome, message: summary(planSummary(outcome.details), outcome.refusals) };
      },
      async ({ details, refusals }) => {
        if (!isUpgradePlan(details)) return '';
        if (output === 'sh')
          return planScript(details, {
            flags: words(writtenFlags(CONNECTION, rest)),
            own: words(writtenFlags(OWN, rest)),
            refusals,
          });
        const { renderPlanTable } = await import('../../lib/output/results/plan-table.ts');
        return renderPlanTable(details, { headers: flags.noHeaders !== true });
      },
    );
  },
});

const summary = (text: string, refusals: readonly Refusal[]): string =>
  refusals.length === 0 ? text : `${text}\nas things are now it would be refused:`;

/** Only what was asked for: the defaults need no words. */
function countingWords(flags: {
  stableFor: number;
  maxConnections: number;
  source: readonly string[] | undefined;
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
