/** Every command, in the order of the help; each is loaded only when it is meant. */
import type { ProgramHelp } from '../lib/cli/help.ts';
import type { CommandEntry } from '../lib/cli/route.ts';
import type { Context } from './context.ts';
import { summaries } from './summaries.ts';

const UPGRADE = 'Upgrade Commands';
const REHEARSE = 'Rehearsal Commands';
const OTHER = 'Other Commands';

export const commands: readonly CommandEntry<Context>[] = [
  {
    name: 'check',
    heading: UPGRADE,
    summary: summaries.check,
    load: async () => (await import('./verbs/check-command.ts')).check,
  },
  {
    name: 'status',
    heading: UPGRADE,
    summary: summaries.status,
    load: async () => (await import('./verbs/status-command.ts')).status,
  },
  {
    name: 'plan',
    heading: UPGRADE,
    summary: summaries.plan,
    load: async () => (await import('./verbs/plan-command.ts')).plan,
  },
  {
    name: 'upgrade',
    heading: UPGRADE,
    summary: summaries.upgrade,
    load: async () => (await import('./verbs/upgrade-command.ts')).upgrade,
  },
  {
    name: 'surge',
    heading: UPGRADE,
    summary: summaries.surge,
    load: async () => (await import('./verbs/surge-command.ts')).surge,
  },
  {
    name: 'drain',
    heading: UPGRADE,
    summary: summaries.drain,
    load: async () => (await import('./verbs/drain-command.ts')).drain,
  },
  {
    name: 'wait-zero',
    heading: UPGRADE,
    summary: summaries.waitZero,
    load: async () => (await import('./verbs/wait-zero-command.ts')).waitZero,
  },
  {
    name: 'recreate',
    heading: UPGRADE,
    summary: summaries.recreate,
    load: async () => (await import('./verbs/recreate-command.ts')).recreate,
  },
  {
    name: 'verify',
    heading: UPGRADE,
    summary: summaries.verify,
    load: async () => (await import('./verbs/verify-command.ts')).verify,
  },
  {
    name: 'advance',
    heading: UPGRADE,
    summary: summaries.advance,
    load: async () => (await import('./verbs/advance-command.ts')).advance,
  },
  {
    name: 'restore',
    heading: UPGRADE,
    summary: summaries.restore,
    load: async () => (await import('./verbs/restore-command.ts')).restore,
  },
  {
    name: 'rollback',
    heading: UPGRADE,
    summary: summaries.rollback,
    load: async () => (await import('./verbs/rollback-command.ts')).rollback,
  },
  {
    name: 'history',
    heading: UPGRADE,
    summary: summaries.history,
    load: async () => (await import('./verbs/history-command.ts')).history,
  },
  {
    name: 'sandbox up',
    heading: REHEARSE,
    summary: summaries.sandboxUp,
    load: async () => (await import('./verbs/sandbox-up-command.ts')).sandboxUp,
  },
  {
    name: 'sandbox demo',
    heading: REHEARSE,
    summary: summaries.sandboxDemo,
    load: async () => (await import('./verbs/sandbox-demo-command.ts')).sandboxDemo,
  },
  {
    name: 'completion',
    heading: OTHER,
    summary: summaries.completion,
    load: async () => (await import('./verbs/completion-command.ts')).completion,
  },
  {
    name: 'version',
    heading: OTHER,
    summary: summaries.version,
    load: async () => (await import('./verbs/version-command.ts')).version,
  },
];

/** `program`: as it was called. */
export const programHelp = (program: string): ProgramHelp => ({
  summary: 'Upgrade the pods of a StatefulSet behind a load balancer without losing a connection',
  paragraphs: [
    'A pod is replaced only after the load balancer sends it nothing new and its last connection has ended. Each command does one step, refuses to go on until the evidence is there, and can be run again at any time.',
    `Flags follow the name of the plugin: "${program} -n prod status nginx". Before it kubectl refuses them ("flags cannot be placed before plugin name").`,
  ],
  examples: [
    {
      comment: 'Upgrade two pods, and move on to the next two',
      command: ['drain nginx 0,1', 'wait-zero nginx', 'recreate nginx', 'advance nginx'].join(` && ${program} `),
    },
    {
      comment:
        'The same for all pods, two by two, until a step is refused or not in time, by hand: the loop itself always ends with 0. A script should use "plan -o sh" or "upgrade --yes", which end with the code of the step that failed',
      command: `drain nginx 0,1 && while ${program} wait-zero nginx && ${program} recreate nginx; do ${program} advance nginx || break; done`,
    },
  ],
  groups: { sandbox: 'Rehearse in an embedded cluster with a real load balancer' },
});
