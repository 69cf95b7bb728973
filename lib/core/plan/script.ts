/** A plan as a bash script of the verbs: one line a step, with what a person should look at beside it. */
import type { Refusal } from '../errors.ts';
import { ordinalsText } from '../target/ordinals.ts';
import { own } from '../values/command.ts';
import { formatDuration } from '../values/duration.ts';
import { shellWord } from '../values/shell-word.ts';
import { setsTemplate } from './opening-steps.ts';
import type { PlanStep, UpgradePlan } from './upgrade-plan.ts';

export interface ScriptOptions {
  /** Flags that every command of the script needs, as words: cluster and user. */
  flags?: readonly string[];
  /** Flags of this program alone: which Services, which cloud. */
  own?: readonly string[];
  /** The refusals of the steps as things are now, for the head of the script. */
  refusals?: readonly Refusal[];
}

/** The script passes shellcheck, and ends with the exit code of the step that failed. */
export function planScript(plan: UpgradePlan, options: ScriptOptions = {}): string {
  const { flags = [], own: ownFlags = [] } = options;
  const head = [
    '#!/usr/bin/env bash',
    `# Upgrades statefulset/${plan.target.name} in namespace ${plan.target.namespace}, ${sizeText(plan)}.`,
    ...estimateLines(plan),
    '# Stops at the first step that is refused or does not come to its end in time. Then run the file again, from its first line:',
    `# it skips the finished steps${plan.template === undefined ? '' : ', and refuses once somebody else has set another template'}.`,
    `# "kubectl zeroloss restore ${plan.target.name}" is the way out at any moment.${plan.surplus.length === 0 ? '' : ' It gives weights back first. While the surplus is not at zero it ends with exit code 6 and names the commands for it.'}`,
    ...refusalLines(options.refusals ?? []),
    ...notCheckedLines(plan),
    // Words are quoted so that nothing in them is expanded, which shellcheck would ask about (SC2016, and SC1003 for a quote in a word).
    ...([...plan.steps.flatMap(({ words }) => words), ...flags, ...ownFlags].some((word) => /[$`]/.test(word))
      ? ['# shellcheck disable=SC2016,SC1003']
      : []),
    'set -euo pipefail',
  ];
  let batch = 0;
  const lines = plan.steps.flatMap((step, index) => {
    if (step.loop === true) {
      return [
        ...(plan.steps[index - 1]?.loop === true ? [] : ['', ...LOOP_HEAD]),
        ...guarded(step, plan, line(step, plan.target.namespace, flags, ownFlags)),
        ...(plan.steps[index + 1]?.loop === true ? [] : ['done', '']),
      ];
    }
    const title =
      step.batch !== batch && step.batch > 0
        ? ['', `# Batch ${step.batch} of ${plan.batches.length}: ${ordinalsText(plan.batches[step.batch - 1] ?? [])}`]
        : [];
    const gap = step.batch === 0 && batch !== 0 ? [''] : [];
    batch = step.batch;
    return [...gap, ...title, ...guarded(step, plan, line(step, plan.target.namespace, flags, ownFlags))];
  });
  return `${[...head, '', ...guardLines(plan, flags, ownFlags), ...lines].join('\n')}\n`;
}

/** The guard, a function of the script that takes its exit code (4 before the first write, 5 before each deletion) and the templates that are right. */
const GUARD = 'check_template';

/** A pod that is deleted comes back with the template of that moment: it is as the plan found it, or as this very script sets it. */
function guardLines(
  { target: { namespace, name }, template }: UpgradePlan,
  flags: readonly string[],
  ownFlags: readonly string[],
): string[] {
  if (template === undefined) return [];
  const { path, before, after } = template;
  const read = ['kubectl', 'get', `statefulset/${name}`, '-o', `jsonpath=${path}`, '-n', namespace, ...flags];
  const why = `error: somebody else has changed the template of statefulset/${name} since this script was made. It sets no template back, and replaces no pod by one of another template than its own; a new script, to the template as it is now: ${own('plan', name, '-o', 'sh', '-n', namespace, ...flags, ...ownFlags)}`;
  return [
    `${GUARD}() {`,
    '  code=$1',
    '  shift',
    `  template=$(${read.map(shellWord).join(' ')})`,
    '  for accepted in "$@"; do',
    '    [ "$template" != "$accepted" ] || return 0',
    '  done',
    `  printf '%s\\n' ${shellWord(why)} >&2`,
    '  exit "$code"',
    '}',
    guardCall(4, [before, after]),
    '',
  ];
}

const guardCall = (code: number, accepted: readonly string[]): string =>
  [GUARD, code, ...accepted.map(shellWord)].join(' ');

/** Somebody may set another template while a step before it waits for hours. */
const guarded = (step: PlanStep, { template, steps }: UpgradePlan, text: string): string[] => {
  const indent = step.loop === true ? '  ' : '';
  if (template === undefined || step.tool !== 'zeroloss' || step.words[0] !== 'recreate') return [`${indent}${text}`];
  const { before, after } = template;
  // Behind that step the template from before is somebody's way back, and no longer what this script is for.
  const isSet = steps.findIndex(setsTemplate) < steps.indexOf(step);
  return [`${indent}${guardCall(5, isSet ? [after] : [before, after])}`, `${indent}${text}`];
};

const LOOP_HEAD = [
  '# Each pod at its own pace: those at zero are replaced, those that are back make room for the next.',
  'while true; do',
];

function sizeText({ batches, window }: UpgradePlan): string {
  if (window === undefined) return `${batches.length} ${batches.length === 1 ? 'batch' : 'batches'}`;
  const { maxUnavailable, share } = window;
  const pods = `${maxUnavailable} ${maxUnavailable === 1 ? 'pod' : 'pods'}`;
  return `at most ${share === undefined ? pods : `${share} of the replicas (${pods} when it was made)`} out of service at a time`;
}

function estimateLines({ leastMs = 0, connections }: UpgradePlan): string[] {
  if (leastMs === 0) return [];
  const open =
    connections === undefined || connections === null
      ? 'how many connections were open when it was made is not known'
      : `${connections} connection${connections === 1 ? ' was' : 's were'} open on the pods to be replaced when it was made`;
  return [`# It takes ${formatDuration(Math.ceil(leastMs / 1000) * 1000)} or more; ${open}.`];
}

/** A message is one line here, with any content. */
const refusalLines = (refusals: readonly Refusal[]): string[] =>
  refusals.length === 0
    ? []
    : [
        '#',
        '# It would be refused as things are now:',
        ...refusals.map(({ rule, message }) => `#   ${rule}: ${message.replaceAll(/\s+/g, ' ')}`),
      ];

const notCheckedLines = ({ notChecked = [] }: UpgradePlan): string[] =>
  notChecked.length === 0
    ? []
    : ['#', '# Not checked when it was made:', ...notChecked.map((reason) => `#   ${reason.replaceAll(/\s+/g, ' ')}`)];

function line(step: PlanStep, namespace: string, flags: readonly string[], own: readonly string[]): string {
  const isOwn = step.tool === 'zeroloss';
  const words = [...(isOwn ? ['kubectl', 'zeroloss'] : ['kubectl']), ...step.words, '-n', namespace, ...flags];
  const command = [...words, ...(isOwn ? own : [])].map(shellWord).join(' ');
  // advance says 3 when nothing is left, which is what the last batch hopes for; any other code ends the script with it.
  const end = step.loop === true ? '[ "$code" -eq 3 ] && break; exit "$code"' : '[ "$code" -eq 3 ] || exit "$code"';
  const ending = step.mayEnd === true ? `${command} || { code=$?; ${end}; }` : command;
  return `${ending}   # look: ${step.look}`;
}
