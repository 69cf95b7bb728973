/** Generated scripts of every shape that a plan has: bash reads them, and shellcheck where there is one. */

import { planScript, type ScriptOptions } from '../../../lib/core/plan/script.ts';
import type { UpgradePlan } from '../../../lib/core/plan/upgrade-plan.ts';
import type { MaxUnavailable } from '../../../lib/core/window/size.ts';
import { plan } from '../../../lib/flows/verbs/plan.ts';
import { common, rehearse } from './rehearsal.ts';

export interface PlannedScript {
  name: string;
  script: string;
  planned: UpgradePlan;
  /** The flags that every line carries, and those of this program's lines. */
  options: ScriptOptions;
}

const wish = {
  ...common,
  images: { nginx: 'nginx:1.25.5' },
  batch: 1,
  surge: 0,
  soakMs: 0,
  stableForMs: 30_000,
  countingWords: [] as string[],
};

const SHAPES: readonly {
  name: string;
  more: Partial<typeof wish & { ignoreIngress: boolean; maxUnavailable: MaxUnavailable }>;
  options?: ScriptOptions;
}[] = [
  { name: 'one-by-one', more: {} },
  { name: 'batches-with-surge', more: { batch: 4, surge: 4 } },
  { name: 'soaked', more: { batch: 3, surge: 1, soakMs: 600_000 } },
  {
    name: 'counting',
    more: { batch: 5, countingWords: ['--metric', 'open{kind="a b",x!~"$y`z`"}', '--stable-for', '3m'] },
  },
  { name: 'ingress-ignored', more: { batch: 10, ignoreIngress: true } },
  {
    name: 'window',
    more: { maxUnavailable: { kind: 'count', count: 3 }, surge: 1, countingWords: ['--stable-for', '3m'] },
  },
  {
    name: 'elsewhere',
    more: { batch: 10 },
    options: {
      flags: ["--context=it's", '--kubeconfig=/a b/$HOME/*.yaml', '--user=!x'],
      own: ['--service=a,b', '--region=`x`'],
    },
  },
  {
    name: 'refused',
    more: { batch: 10 },
    options: { refusals: [{ rule: 'floor', message: 'two\nlines; $(reboot) `x`' }] },
  },
];

export const planScripts = (): Promise<PlannedScript[]> =>
  Promise.all(
    SHAPES.map(async ({ name, more, options = {} }) => {
      const planned = (await plan(rehearse().world, { ...wish, ...more })).details as UpgradePlan;
      return { name, script: planScript(planned, options), planned, options };
    }),
  );
