/** Invariant 5: the refusals that name what a person has to decide, by rule; a verb that ends with one has come to an end. */

/** A closed list: what waiting mends, or the verb itself, is not in it. */
const DECISIONS: ReadonlySet<string> = new Set([
  // The budget, the size of the StatefulSet or --min-serving.
  'floor',
  'no-autoscaler',
  'scale-is-ours',
  'no-surge',
  // Somebody has uncordoned the node that somebody empties: cordon it again, or give the weights back.
  'node-cordoned',
  // Somebody keeps as many pods at 0 as may be out of service.
  'window-full',
]);

/** The rules that a refusal names, in the order of its lines; none: it is no refusal. */
export function rulesIn(stderr: string): string[] {
  if (!/^error: (refused by (a safety rule|\d+ safety rules)|.*a safety rule stopped it)/m.test(stderr)) return [];
  return [...stderr.matchAll(/^\s*([a-z]+(?:-[a-z]+)*): /gm)]
    .flatMap(([, rule]) => rule ?? [])
    .filter((rule) => rule !== 'error' && rule !== 'hint' && rule !== 'warning');
}

/** An eviction that the budget never allows: no rule of the program, and a person's to decide. */
export const FORBIDS = 'the budget allows no eviction';

/** Whether the run waited for a budget; `mostGone`: its maxUnavailable. */
export const forbidsAll = (stderr: string, mostGone: unknown): boolean =>
  mostGone === 0 && /may not be evicted yet: .*disruption budget/.test(stderr);

/** The rules that leave it to a person; none: the refusal is one that should not have lasted. */
export const decisionsIn = (stderr: string): string[] => rulesIn(stderr).filter((rule) => DECISIONS.has(rule));
