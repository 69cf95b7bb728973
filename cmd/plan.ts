import type { connectionFlags } from '../lib/cli/connection-flags.ts';
import { defineCommand } from '../lib/cli/define.ts';
import { choiceFlag } from '../lib/cli/flag.ts';
import { ignoreIngressFlag, timeoutFlag, zeroFlags } from '../lib/cli/flags.ts';
import { formatDuration } from '../lib/core/duration.ts';
import type { PlanIntent } from '../lib/core/intent.ts';
import type { UpgradePlan } from '../lib/core/plan.ts';
import { planScript } from '../lib/core/plan-script.ts';
import type { Context } from './context.ts';
import { given } from './given.ts';
import { zeroSourceFlags } from './sources.ts';
import { summaries } from './summaries.ts';
import { parseImages, upgradeFlags } from './upgrade-flags.ts';
import { exitCodes, runVerb, targetIntent, targetPositionals, verbFlags } from './verb.ts';

const { dryRun: _readsOnly, output: _own, ...readFlags } = verbFlags;

export const plan = defineCommand({
  name: 'plan',
  summary: summaries.plan,
  description: [
    'Lists the steps, what each touches and what a person should look at, and what would refuse them now. Nothing is written.',
    'With -o sh it is a bash script of these commands, to read, change and run.',
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
    timeout: timeoutFlag('1m'),
    output: choiceFlag({
      short: 'o',
      shown: "''",
      help: 'Output format. One of: (json, yaml, sh).',
      values: ['json', 'yaml', 'sh'],
      absent: undefined,
    }),
    ...readFlags,
  },
  exitCodes: exitCodes.interrupted,
  run(context: Context, { positionals: { target }, flags }) {
    const { output, ...rest } = flags;
    const intent: PlanIntent = {
      ...targetIntent(target.name, { ...rest, output: undefined }),
      images: parseImages(flags.image),
      batch: flags.batch,
      surge: flags.surge,
      soakMs: flags.soak,
      countingWords: countingWords(flags),
      ...given({ ignoreIngress: flags.ignoreIngress || undefined }),
    };
    const data = output === 'json' || output === 'yaml' ? output : undefined;
    const render = (planned: UpgradePlan) =>
      output === 'sh' ? planScript(planned, connectionWords(rest)) : planLines(planned);
    return runVerb(
      context,
      intent,
      { ...rest, output: data },
      (world) => context.flows.plan(world, intent),
      ({ details }) => (details === undefined ? '' : render(details as UpgradePlan)),
    );
  },
});

/** Only what was asked for: the defaults need no words. */
function countingWords(flags: {
  stableFor: number;
  maxConnections: number;
  source: readonly string[] | undefined;
}): string[] {
  const texts = Object.keys(zeroSourceFlags).flatMap((key) => {
    const value: unknown = Reflect.get(flags, key);
    return typeof value === 'string'
      ? [`--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, value]
      : [];
  });
  return [
    ...(flags.stableFor === zeroFlags.stableFor.read([], 'stable-for')
      ? []
      : ['--stable-for', formatDuration(flags.stableFor)]),
    ...(flags.maxConnections === 0 ? [] : ['--max-connections', String(flags.maxConnections)]),
    ...(flags.source === undefined ? [] : ['--source', flags.source.join(',')]),
    ...texts,
  ];
}

/** The flags that name the cluster, for every line of the script; never a credential. */
function connectionWords(flags: {
  kubeconfig?: string | undefined;
  context?: string | undefined;
  cluster?: string | undefined;
  user?: string | undefined;
}): string[] {
  const named = [
    'kubeconfig',
    'context',
    'cluster',
    'user',
  ] as const satisfies readonly (keyof typeof connectionFlags)[];
  return named.flatMap((name) => (flags[name] === undefined ? [] : [`--${name}=${flags[name]}`]));
}

function planLines(planned: UpgradePlan): string {
  const lines = planned.steps.map((step, index) => {
    const command = [step.tool === 'zeroloss' ? 'kubectl zeroloss' : 'kubectl', ...step.words].join(' ');
    return { head: `${String(index + 1).padStart(3)}  ${command}`, look: step.look };
  });
  const width = Math.max(0, ...lines.map((line) => line.head.length));
  return lines.map((line) => `${line.head.padEnd(width)}   ${line.look}\n`).join('');
}
