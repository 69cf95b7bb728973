import { choiceFlag } from '../../lib/cli/flag.ts';
import { targetsPositional } from '../../lib/cli/positionals.ts';
import { CONNECTION, OWN, type WrittenFlag, writtenFlags } from '../../lib/cli/repeated.ts';
import {
  allNamespacesFlag,
  allowAloneFlag,
  contextsFlag,
  ignoreIngressFlag,
  minServingFlag,
  nodeFlag,
  noHeadersFlag,
  selectorFlag,
  timeoutFlag,
} from '../../lib/cli/verb-flags.ts';
import { UsageError } from '../../lib/core/errors.ts';
import type { TargetIntent } from '../../lib/core/intent/intent.ts';
import type { Target } from '../../lib/core/target/target.ts';
import { refuseUselessWindowFlags } from '../../lib/core/window/refuse-useless-flags.ts';
import type { MaxUnavailable } from '../../lib/core/window/size.ts';
import type { PlanOfIntent } from '../../lib/flows/verbs/plan-of.ts';
import { planSummary } from '../../lib/output/results/plan-summary.ts';
import { plansData, renderPlans } from '../../lib/output/results/planned-table.ts';
import { defineVerb } from '../define-verb.ts';
import { refuseAloneOfFound, refuseAloneOfNames } from '../flags/alone-formats.ts';
import { countingWords } from '../flags/counting-words.ts';
import { refuseUnclearGates } from '../flags/gate-flags.ts';
import { given } from '../flags/given.ts';
import {
  jobFlags,
  jobUpgradeFlags,
  jobWish,
  NOT_IN_A_PLAN,
  refuseRecordOfJob,
  refuseUnclearJob,
} from '../flags/job-flags.ts';
import { zeroSourceFlags } from '../flags/source-flags.ts';
import { exitCodes, targetFlags } from '../flags/target-flags.ts';
import { isSeveral, refuseUnclear, severalIntent } from '../flags/targets.ts';
import { refusePauseOnNode, refuseWindowOfBatches, upgradeFlags } from '../flags/upgrade-flags.ts';

const FORMATS = ['json', 'yaml', 'wide', 'sh', 'job', 'argo'] as const;
/** The formats that several plans have; every other one holds one plan alone. */
const OF_SEVERAL: readonly (string | undefined)[] = [undefined, 'json', 'yaml', 'wide'];

const namesOf = (targets: readonly Target[] | undefined): string[] => (targets ?? []).map(({ name }) => name);

export const plan = defineVerb({
  readsOnly: true,
  showsWhere: true,
  description: [
    'Lists the steps, what each touches, the minimum time given the current pods and connections, what to check by eye, and which rules would refuse a step right now. Writes nothing.',
    'On a terminal a table fits: long names lose their middle, and the columns that are needed least are left out. -o wide shows everything; through a pipe nothing is cut.',
    'With -o job it prints one manifest, for kubectl apply: a Job that runs upgrade with these flags inside the cluster, and a ServiceAccount that may do this upgrade and nothing else. It is pinned to this StatefulSet and its template, and refused on another.',
    'With -o argo it prints the same upgrade as a Workflow of Argo, which waits for a person before each batch.',
    'Of several targets it prints one table: the batches or the window, the pods to be replaced, the minimum time, the open connections, and the first rule that would refuse. -o wide shows the steps of each target below it. The flags apply to every target; so do the defaults of its own workload. The exit code is the worst of all targets. A rule that would refuse does not change it, as with one target.',
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
    {
      comment: 'Emptying a cordoned node of the pods of nginx, as a script',
      command: 'plan nginx --node node-7 --surge 1 -o sh',
    },
    {
      comment: 'The same as a Job',
      command: 'plan nginx --node node-7 --surge 1 -o job --job-image zeroloss:v1 --job-secret zeroloss-cloud-key',
    },
    { comment: 'Several StatefulSets with one new image', command: 'plan nginx web --image app=gateway:2.1' },
    {
      comment: 'Everything with a label, in all namespaces of two clusters',
      command: 'plan -A -l tier=gateway --restart --context north,south',
    },
  ],
  positionals: { targets: targetsPositional },
  flags: {
    ...upgradeFlags,
    ...zeroSourceFlags,
    ...jobUpgradeFlags,
    ...jobFlags,
    node: nodeFlag,
    selector: selectorFlag('StatefulSet'),
    allNamespaces: allNamespacesFlag('StatefulSet'),
    ignoreIngress: ignoreIngressFlag,
    allowAlone: allowAloneFlag,
    minServing: minServingFlag,
    timeout: timeoutFlag(
      '1m',
      'How long to wait, for each target, for the controller to see the newest template, and for servers that do not answer; zero means infinite.',
    ),
    output: choiceFlag({
      short: 'o',
      shown: "''",
      help: `Output format. One of: (${FORMATS.join(', ')}).`,
      values: FORMATS,
      absent: undefined,
    }),
    noHeaders: noHeadersFlag,
    ...targetFlags,
    context: contextsFlag,
  },
  foreign: NOT_IN_A_PLAN,
  exitCodes: { ...exitCodes.notYet, ...exitCodes.interrupted },
  checks: [
    (flags, args) => args && refuseUnclear('plan', namesOf(args.targets), flags),
    (flags, args) => args && refuseAloneOfNames(flags, namesOf(args.targets), OF_SEVERAL),
    refuseWindowOfBatches,
    refusePauseOnNode,
    refuseSoakInWindowScript,
    refuseUnclearGates,
    refuseUnclearJob,
    refuseNodeInWorkflow,
    refuseRecordOfJob,
  ],
  badDefaults: 'foresee',
  defaultsOf: ({ positionals: { targets }, flags }) =>
    isSeveral(namesOf(targets), flags) ? undefined : targets?.[0]?.name,
  intent: ({ positionals: { targets }, flags }, { typed }): PlanOfIntent & TargetIntent => ({
    ...severalIntent(namesOf(targets), flags),
    names: namesOf(targets),
    ...given({ nodes: flags.node }),
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
  // Only the sources are asked that cost nothing per pod, as by status.
  counts: false,
  several: true,
  async flow(world, intent, { flags, completeFor }) {
    await refuseAloneOfFound(flags, world, intent, OF_SEVERAL);
    const { maxUnavailable, busyAfter, stableFor } = flags;
    refuseUselessWindowFlags({
      stableForMs: stableFor,
      ...given({ maxUnavailable, busyAfterMs: busyAfter === 0 ? undefined : busyAfter }),
    });
    return (await import('../../lib/flows/verbs/plan-of.ts')).planOf(world, intent, completeFor);
  },
  printer: ({ flags }) => ({
    // One that cannot be planned does not take the others off stdout.
    isReport: true,
    message: ({ details, refusals, message }) => {
      if ('targets' in details) return String(message);
      const unchecked = details.notChecked === undefined ? '' : '; not all rules are checked';
      const summary = `${planSummary(details)}${unchecked}`;
      return refusals.length === 0 ? summary : `${summary}\nright now it would be refused:`;
    },
    data: (details, commands) => ('targets' in details ? plansData(details, commands) : details),
    async text({ details, refusals }, { format, headers, width }) {
      if ('targets' in details) return renderPlans(details, { wide: format === 'wide', headers, width });
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

/** Throws UsageError: each step of a Workflow is an upgrade with --pause-at. */
function refuseNodeInWorkflow(flags: { output: string | undefined; node: readonly string[] | undefined }): void {
  if (flags.output !== 'argo' || flags.node === undefined) return;
  throw new UsageError(
    '-o argo takes no --node: its steps count the updated pods of the whole StatefulSet, and --node replaces those of a node',
    'use -o job, print a script (-o sh), or run "upgrade" with the same --node',
  );
}

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

const words = (written: readonly WrittenFlag[]): string[] =>
  written.map(([flag, value]) => (value === undefined ? flag : `${flag}=${value}`));
