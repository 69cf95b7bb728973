import { switchFlag } from '../../lib/cli/flag.ts';
import {
  allowAloneFlag,
  ignoreIngressFlag,
  minServingFlag,
  stepTimeoutFlag,
  takeOverFlag,
} from '../../lib/cli/verb-flags.ts';
import type { UpgradeIntent } from '../../lib/core/intent/intent.ts';
import { defineVerb } from '../define-verb.ts';
import { gateFlags, gatesOf } from '../flags/gate-flags.ts';
import { given } from '../flags/given.ts';
import { zeroSourceFlags } from '../flags/source-flags.ts';
import { exitCodes, targetIntent, targetPositionals, verbFlags } from '../flags/target-flags.ts';
import { parseImages, upgradeFlags } from '../flags/upgrade-flags.ts';
import { zeroIntent } from '../flags/zero-intent.ts';

export const upgrade = defineVerb({
  readsOnly: false,
  description: [
    'Does what the other commands do, in their order: surge, new image, and for each batch drain, wait-zero, recreate, traffic back, observe. It asks once before it writes anything, with what plan knows, and again before each later batch; only y goes on. It stops at the first doubt.',
    'It can be stopped at any point. The same command goes on from whatever it finds, whoever left it: half-drained, half-recreated, a surge without an upgrade, a template that was rolled back.',
  ],
  examples: [
    {
      comment: 'Pod by pod, with one more pod meanwhile',
      command: 'upgrade nginx --image nginx=nginx:1.25.4 --surge 1',
    },
    {
      comment: 'Four at a time, each observed for ten minutes, without asking',
      command: 'upgrade nginx --image nginx=nginx:1.25.4 --batch 4 --surge 4 --soak 10m --yes',
    },
    { comment: 'Go on after a rollback: bring back what is outdated', command: 'upgrade nginx' },
  ],
  positionals: targetPositionals,
  flags: {
    ...upgradeFlags,
    yes: switchFlag({ short: 'y', help: 'Do not ask, neither before the first write nor before each batch.' }),
    takeOver: takeOverFlag,
    evict: switchFlag({
      help: 'Use the Eviction API, which respects PodDisruptionBudgets, instead of a plain delete.',
    }),
    ignoreIngress: ignoreIngressFlag,
    allowAlone: allowAloneFlag,
    timeout: stepTimeoutFlag,
    minServing: minServingFlag,
    ...zeroSourceFlags,
    ...gateFlags,
    ...verbFlags,
  },
  exitCodes: {
    ...exitCodes.refused,
    5: `${exitCodes.conflict[5]}, or somebody changed template, Services or StatefulSet meanwhile`,
    6: 'not yet: the time-out passed, or the answer at the question was no; run it again',
    ...exitCodes.disagrees,
    ...exitCodes.interrupted,
  },
  intent: ({ positionals: { target }, flags }): UpgradeIntent => ({
    ...targetIntent(target.name, flags),
    ...zeroIntent(flags),
    ...given({
      minServing: flags.minServing,
      ignoreIngress: flags.ignoreIngress || undefined,
      allowAlone: flags.allowAlone,
    }),
    images: parseImages(flags.image),
    batch: flags.batch,
    surge: flags.surge,
    soakMs: flags.soak,
    yes: flags.yes,
    takeOver: flags.takeOver,
    evict: flags.evict,
  }),
  gates: ({ flags }, { env }) => gatesOf(flags, env),
  flow: async (world, intent) => (await import('../../lib/flows/verbs/upgrade.ts')).upgrade(world, intent),
});
