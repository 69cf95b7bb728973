/** Every command, one line each, in the order of the help. The line is all that the help of the program shows; everything else is in the command's file, which is loaded when it is called. */
import type { CommandEntry, Definition } from '../lib/cli/define-command.ts';
import type { ProgramHelp } from '../lib/cli/help.ts';
import type { Context } from './context.ts';

const UPGRADE = 'Upgrade Commands';
const REHEARSE = 'Rehearsal Commands';
const OTHER = 'Other Commands';

const entry = (
  name: string,
  heading: string,
  summary: string,
  load: () => Promise<Definition<Context>>,
): CommandEntry<Context> => ({ name, heading, summary, load });

export const commands: readonly CommandEntry<Context>[] = [
  entry(
    'check',
    UPGRADE,
    'Find everything that could block an upgrade',
    async () => (await import('./verbs/check-command.ts')).check,
  ),
  entry(
    'status',
    UPGRADE,
    'Show weights, connections and revisions of the pods of StatefulSets',
    async () => (await import('./verbs/status-command.ts')).status,
  ),
  entry(
    'plan',
    UPGRADE,
    'Show every step of an upgrade before it begins',
    async () => (await import('./verbs/plan-command.ts')).plan,
  ),
  entry(
    'upgrade',
    UPGRADE,
    'Run the whole upgrade, batch by batch',
    async () => (await import('./verbs/upgrade-command.ts')).upgrade,
  ),
  entry(
    'surge',
    UPGRADE,
    'Add replicas for the time of an upgrade',
    async () => (await import('./verbs/surge-command.ts')).surge,
  ),
  entry(
    'drain',
    UPGRADE,
    'Set the weight of pods to 0 on the load balancer',
    async () => (await import('./verbs/drain-command.ts')).drain,
  ),
  entry(
    'wait-zero',
    UPGRADE,
    'Wait until drained pods have no connections left',
    async () => (await import('./verbs/wait-zero-command.ts')).waitZero,
  ),
  entry(
    'recreate',
    UPGRADE,
    'Delete drained pods that are at zero and wait for their replacements',
    async () => (await import('./verbs/recreate-command.ts')).recreate,
  ),
  entry(
    'verify',
    UPGRADE,
    'Check that updated pods are healthy, and stay healthy',
    async () => (await import('./verbs/verify-command.ts')).verify,
  ),
  entry(
    'advance',
    UPGRADE,
    'Give the recreated batch its traffic back and drain the next one',
    async () => (await import('./verbs/advance-command.ts')).advance,
  ),
  entry(
    'restore',
    UPGRADE,
    'Give drained pods their former weights back',
    async () => (await import('./verbs/restore-command.ts')).restore,
  ),
  entry(
    'scale',
    UPGRADE,
    'Set the number of replicas; pods that go are drained and at zero first',
    async () => (await import('./verbs/scale-command.ts')).scale,
  ),
  entry(
    'rollback',
    UPGRADE,
    'Put the former pod template back',
    async () => (await import('./verbs/rollback-command.ts')).rollback,
  ),
  entry(
    'pause',
    UPGRADE,
    'Halt an upgrade from any machine: no further drain or deletion',
    async () => (await import('./verbs/pause-command.ts')).pause,
  ),
  entry(
    'resume',
    UPGRADE,
    'Let a paused upgrade continue',
    async () => (await import('./verbs/resume-command.ts')).resume,
  ),
  entry(
    'history',
    UPGRADE,
    'Show the story of an upgrade: who did what and when, on what evidence',
    async () => (await import('./verbs/history-command.ts')).history,
  ),
  entry(
    'sandbox up',
    REHEARSE,
    'Start a rehearsal cluster with a real load balancer on this machine',
    async () => (await import('./sandbox/up-command.ts')).sandboxUp,
  ),
  entry(
    'sandbox demo',
    REHEARSE,
    'Upgrade a StatefulSet three ways under live traffic and count what each way loses',
    async () => (await import('./sandbox/demo-command.ts')).sandboxDemo,
  ),
  entry(
    'sandbox experiment',
    REHEARSE,
    'Repeat what articles on rolling updates tried, and count what each way loses',
    async () => (await import('./sandbox/experiment-command.ts')).sandboxExperiment,
  ),
  entry(
    'completion',
    OTHER,
    'Set up shell completion of verbs, flags, StatefulSets, Services and ordinals',
    async () => (await import('./verbs/completion-command.ts')).completion,
  ),
  entry(
    'version',
    OTHER,
    'Print the client and server version information',
    async () => (await import('./verbs/version-command.ts')).version,
  ),
];

/** `program`: as it was called. */
export const programHelp = (program: string): ProgramHelp => ({
  summary: 'Upgrade the pods of a StatefulSet behind a load balancer without losing a connection',
  paragraphs: [
    'A pod is replaced only after the load balancer sends it nothing new and its last connection has ended. Each command does one step, refuses until the evidence is there, and can be run again at any time.',
    `Put flags after the name of the plugin: "${program} -n prod status nginx". kubectl refuses flags before it ("flags cannot be placed before plugin name").`,
  ],
  examples: [
    {
      comment: 'Upgrade two pods, and move on to the next two',
      command: ['drain nginx 0,1', 'wait-zero nginx', 'recreate nginx', 'advance nginx'].join(` && ${program} `),
    },
    {
      comment:
        'Loop over all pods, two at a time, until a step fails. (The exit code of the loop is always 0; in scripts use "plan -o sh" or "upgrade --yes".)',
      command: `drain nginx 0,1 && while ${program} wait-zero nginx && ${program} recreate nginx; do ${program} advance nginx || break; done`,
    },
  ],
  groups: { sandbox: 'Rehearse in an embedded cluster with a real load balancer' },
});
