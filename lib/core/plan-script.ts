/** A plan as a bash script of the verbs: one line a step, with what a person should look at beside it. */
import { formatOrdinals } from './ordinals.ts';
import type { PlanStep, UpgradePlan } from './plan.ts';

/** `flags`: the connection flags that every command of the script needs, as words. The script passes shellcheck. */
export function planScript(plan: UpgradePlan, flags: readonly string[] = []): string {
  const head = [
    '#!/usr/bin/env bash',
    `# Upgrades statefulset/${plan.target.name} in namespace ${plan.target.namespace}, ${plan.batches.length} batches.`,
    '# Stops at the first step that is refused or does not come to its end in time. Every step may be run again,',
    `# and "kubectl zeroloss restore ${plan.target.name}" is the way out at any moment.`,
    // Words are quoted so that nothing in them is expanded, which shellcheck would ask about (SC2016).
    ...([...plan.steps.flatMap(({ words }) => words), ...flags].some((word) => /[$`]/.test(word))
      ? ['# shellcheck disable=SC2016']
      : []),
    'set -euo pipefail',
  ];
  let batch = 0;
  const lines = plan.steps.flatMap((step) => {
    const title =
      step.batch !== batch && step.batch > 0
        ? [
            '',
            `# Batch ${step.batch} of ${plan.batches.length}: ordinals ${formatOrdinals(plan.batches[step.batch - 1] ?? [])}`,
          ]
        : [];
    const gap = step.batch === 0 && batch !== 0 ? [''] : [];
    batch = step.batch;
    return [...gap, ...title, line(step, plan.target.namespace, flags)];
  });
  return `${[...head, '', ...lines].join('\n')}\n`;
}

function line(step: PlanStep, namespace: string, flags: readonly string[]): string {
  const tool = step.tool === 'zeroloss' ? ['kubectl', 'zeroloss'] : ['kubectl'];
  const command = [...tool, ...step.words, '-n', namespace, ...flags].map(shellWord).join(' ');
  // advance says 3 when nothing is left, which is what the last batch hopes for.
  const guarded = step.mayEnd === true ? `${command} || [ $? -eq 3 ]` : command;
  return `${guarded}   # look: ${step.look}`;
}

export const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
