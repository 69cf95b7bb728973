import { switchFlag, wholeFlag } from '../../lib/cli/flag.ts';
import {
  allowAloneFlag,
  ignoreIngressFlag,
  minServingFlag,
  nodeFlag,
  stepTimeoutFlag,
  takeOverFlag,
} from '../../lib/cli/verb-flags.ts';
import type { UpgradeIntent } from '../../lib/core/intent/intent.ts';
import type { UpgradePlan } from '../../lib/core/plan/upgrade-plan.ts';
import type { OutcomePrinter } from '../../lib/output/results/outcome-printer.ts';
import { defineVerb } from '../define-verb.ts';
import { gateFlags, gatesOf, refuseUnclearGates } from '../flags/gate-flags.ts';
import { given } from '../flags/given.ts';
import { noticeFlags } from '../flags/notice-flags.ts';
import { zeroSourceFlags } from '../flags/source-flags.ts';
import { exitCodes, targetIntent, targetPositionals, verbFlags } from '../flags/target-flags.ts';
import {
  busyAfterFlag,
  evictFlag,
  pauseAtFlag,
  pinFlag,
  refusePauseOnNode,
  refuseTimeOfNoRestart,
  refuseWindowOfBatches,
  restartedAtFlag,
  upgradeFlags,
} from '../flags/upgrade-flags.ts';
import { zeroIntent } from '../flags/zero-intent.ts';

export const upgrade = defineVerb({
  readsOnly: false,
  showsWhere: true,
  description: [
    'Runs the other commands in order: surge, set the image, then for each batch drain, wait-zero, recreate, give traffic back, observe. Shows the plan and asks before the first write, and asks again before each later batch; only y continues. Stops at the first doubt.',
    'With --max-unavailable there are no batches: as soon as one pod is back the next is drained, and it asks again after every --ask-every pods.',
    'You can stop it at any point. The same command continues from the state that it finds: half-drained, half-recreated, a surge without an upgrade, a template that was rolled back.',
  ],
  examples: [
    {
      comment: 'Pod by pod, with one extra pod during the upgrade',
      command: 'upgrade nginx --image nginx=nginx:1.25.4 --surge 1',
    },
    {
      comment: 'Four at a time, each observed for ten minutes, without asking',
      command: 'upgrade nginx --image nginx=nginx:1.25.4 --batch 4 --surge 4 --soak 10m --yes',
    },
    {
      comment: 'Ten pods on their way at any moment; a terminal shows where each of them stands',
      command: 'upgrade nginx --image nginx=nginx:1.25.4 --max-unavailable 10 --soak 10m',
    },
    { comment: 'Replace every pod with the template as it is', command: 'upgrade nginx --restart --surge 1' },
    {
      comment: 'Empty a cordoned node of the pods of nginx, two at a time',
      command: 'upgrade nginx --node node-7 --batch 2 --surge 2',
    },
    {
      comment: 'Half of the pods now; the same command without --pause-at continues',
      command: 'upgrade nginx --image nginx=nginx:1.25.4 --pause-at 50% --yes',
    },
    { comment: 'Continue after a rollback: bring the outdated pods back', command: 'upgrade nginx' },
  ],
  positionals: targetPositionals,
  flags: {
    ...upgradeFlags,
    askEvery: wholeFlag({
      shown: "''",
      help: 'With --max-unavailable: ask again after this many pods. By default the size of the window.',
      least: 1,
      absent: undefined,
    }),
    busyAfter: busyAfterFlag,
    pauseAt: pauseAtFlag,
    restartedAt: restartedAtFlag(
      'With --restart: the time of the restart. A template that was restarted then or later is not restarted again. plan -o job writes it into its manifest. By default the time of the first look.',
    ),
    pin: pinFlag(
      'UID/HASH: refuse unless the StatefulSet has this UID and, with the images of this command, this template. With a second hash it also refuses unless the template as it is now has one of the two. plan -o job writes it into its manifest.',
    ),
    node: nodeFlag,
    yes: switchFlag({ short: 'y', help: 'Do not ask, before the first write or before any batch.' }),
    takeOver: takeOverFlag,
    evict: evictFlag,
    ignoreIngress: ignoreIngressFlag,
    allowAlone: allowAloneFlag,
    timeout: stepTimeoutFlag,
    minServing: minServingFlag,
    ...zeroSourceFlags,
    ...gateFlags,
    ...noticeFlags,
    ...verbFlags,
  },
  exitCodes: {
    ...exitCodes.asksAndWrites,
    5: `${exitCodes.conflict[5]}, or another writer changed the template, the Services or the StatefulSet during the run`,
  },
  checks: [refuseTimeOfNoRestart, refuseWindowOfBatches, refusePauseOnNode, refuseUnclearGates],
  intent: ({ positionals: { target }, flags }): UpgradeIntent => ({
    ...targetIntent(target.name, flags),
    ...given({ nodes: flags.node }),
    ...zeroIntent(flags),
    ...given({
      minServing: flags.minServing,
      ignoreIngress: flags.ignoreIngress || undefined,
      allowAlone: flags.allowAlone,
    }),
    ...given({
      maxUnavailable: flags.maxUnavailable,
      askEvery: flags.askEvery,
      busyAfterMs: flags.busyAfter === 0 ? undefined : flags.busyAfter,
    }),
    images: flags.image,
    ...given({ restart: flags.restart || undefined, restartOf: flags.restartedAt }),
    ...given({ pauseAt: flags.pauseAt, pin: flags.pin }),
    batch: flags.batch,
    surge: flags.surge,
    soakMs: flags.soak,
    yes: flags.yes,
    takeOver: flags.takeOver,
    evict: flags.evict,
  }),
  gates: ({ flags }, { env }) => gatesOf(flags, env),
  flow: async (world, intent) => (await import('../../lib/flows/verbs/upgrade.ts')).upgrade(world, intent),
  // Of a dry run the results are steps, which are commands: shown as plan shows them.
  printer: ({ flags }) => (flags.dryRun.mode === 'none' ? {} : STEPS),
});

const STEPS: OutcomePrinter<unknown> = {
  async text({ details }, { format, headers, width }) {
    const { plan } = (details ?? {}) as { plan?: UpgradePlan };
    if (plan === undefined) return '';
    const { renderPlanTable } = await import('../../lib/output/results/plan-table.ts');
    return renderPlanTable(plan, { headers, width: format === 'wide' ? undefined : width });
  },
};
