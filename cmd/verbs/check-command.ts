import { choiceFlag, switchFlag, textFlag } from '../../lib/cli/flag.ts';
import { checkTargetsPositional } from '../../lib/cli/positionals.ts';
import {
  allNamespacesFlag,
  contextsFlag,
  minServingFlag,
  selectorFlag,
  timeoutFlag,
} from '../../lib/cli/verb-flags.ts';
import { UsageError } from '../../lib/core/errors.ts';
import type { TargetIntent } from '../../lib/core/intent/intent.ts';
import type { CheckTarget } from '../../lib/core/target/target.ts';
import { own } from '../../lib/core/values/command.ts';
import type { CheckOfIntent } from '../../lib/flows/verbs/check-of.ts';
import { findingsPrinter } from '../../lib/output/results/findings-report.ts';
import { defineVerb } from '../define-verb.ts';
import { readRecording } from '../flags/from-recording.ts';
import { given } from '../flags/given.ts';
import { zeroSourceFlags } from '../flags/source-flags.ts';
import { exitCodes, targetFlags } from '../flags/target-flags.ts';
import { isSeveral, refuseUnclear, severalIntent } from '../flags/targets.ts';
import { strayPrograms } from '../surroundings/stray-programs.ts';

const FORMATS = ['json', 'yaml', 'wide'] as const;

const namesOf = (targets: readonly CheckTarget[] | undefined): string[] =>
  (targets ?? []).map(({ kind, name }) => (kind === undefined ? name : `${kind}/${name}`));

export const check = defineVerb({
  readsOnly: true,
  showsWhere: true,
  description: [
    'Reads the StatefulSet, its pods and Services, the load balancers, and everything else that writes to or leads to the same pods, and asks which permissions you and the cloud key have. Writes nothing.',
    'FAIL means that drain or recreate would refuse, under the same rule name. WARN means "worth knowing" or "could not be determined"; unknown is never OK. Most findings include a command that fixes them. docs/rules.md explains every rule name.',
    'deployment/NAME, and a StatefulSet with updateStrategy RollingUpdate, get an audit of their rolling update: how many pods serve at least, whether probes, preStop and grace period cover the lag of the load balancer, and how many connections it would cut. There, FAIL means that at some moment nothing serves.',
    'Several targets are shown in one table. Below it stand the reports of those that fail (-o wide: of all). The exit code is the worst of them: a target that could not be checked (1), then one that was not checked in time (6), then a FAIL (4).',
  ],
  examples: [
    { comment: 'Check StatefulSet nginx before an upgrade', command: 'check nginx' },
    { comment: 'Show every finding, OK ones too', command: 'check nginx -o wide' },
    { comment: 'Check whether a wait for ten minutes at zero would work', command: 'check nginx --stable-for 10m' },
    { comment: 'Audit the rolling update of Deployment web', command: 'check deployment/web' },
    { comment: 'Measure how late the load balancer follows', command: 'check nginx --measure --from upgrade.jsonl' },
    { comment: 'Check several StatefulSets', command: 'check nginx web' },
    { comment: 'Check everything with a label', command: 'check -l tier=gateway' },
    { comment: 'Check everything behind a load balancer, in two clusters', command: 'check -A --context north,south' },
  ],
  positionals: { targets: checkTargetsPositional },
  flags: {
    selector: selectorFlag('StatefulSet and Deployment'),
    allNamespaces: allNamespacesFlag('StatefulSet and Deployment'),
    minServing: minServingFlag,
    ...zeroSourceFlags,
    measure: switchFlag({
      help: 'Also measure how late the load balancer follows, by the times that the pods show, and with --from by those of a recording. For a rolling update also show which connections outlast the grace period; this watches them for that long, at most a minute. Changes nothing.',
    }),
    from: textFlag({
      help: 'With --measure: a file written by --record, also while it is still being written.',
    }),
    output: choiceFlag({
      short: 'o',
      shown: "''",
      help: `Output format. One of: (${FORMATS.join(', ')}).`,
      values: FORMATS,
      absent: undefined,
    }),
    timeout: timeoutFlag('5m', 'How long the check of each target may take, zero means infinite.'),
    ...targetFlags,
    context: contextsFlag,
  },
  exitCodes: {
    4: 'at least one FAIL: drain or recreate would refuse, or cannot work; of a rolling update: nothing serves at some moment',
    ...exitCodes.notYet,
    ...exitCodes.interrupted,
  },
  checks: [
    (flags, args) => args && refuseUnclear('check', namesOf(args.targets), flags),
    ({ from, measure }, args) => {
      if (from !== undefined && !measure)
        throw new UsageError(
          '--from has no meaning without --measure',
          own('check', ...namesOf(args?.targets), '--measure', '--from', from),
        );
    },
  ],
  badDefaults: 'find',
  defaultsOf: ({ positionals: { targets = [] }, flags }) =>
    targets[0]?.kind === undefined && !isSeveral(namesOf(targets), flags) ? targets[0]?.name : undefined,
  async intent({ positionals: { targets }, flags }, { env, signal }, defaults): Promise<CheckOfIntent & TargetIntent> {
    const limits = { signal, timeoutMs: flags.timeout };
    return {
      ...severalIntent(namesOf(targets), flags),
      targets: targets ?? [],
      // The sources are tried, and none of them may write: not even a debug container.
      dryRun: 'client',
      ...given({ minServing: flags.minServing, sources: flags.source, ignoredPorts: flags.ignorePort }),
      stableForMs: flags.stableFor,
      ...(flags.measure ? { measure: flags.from === undefined ? null : await readRecording(flags.from, limits) } : {}),
      strays: await strayPrograms(env),
      ...given({ defaults }),
    };
  },
  several: true,
  flow: async (world, intent, { completeFor }) =>
    (await import('../../lib/flows/verbs/check-of.ts')).checkOf(world, intent, completeFor),
  printer: () => findingsPrinter,
});
