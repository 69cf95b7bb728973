/** The refusals, and the part of an intent, that the verbs on several TARGETS share. */
import { UsageError } from '../../lib/core/errors.ts';
import type { TargetIntent } from '../../lib/core/intent/intent.ts';
import type { SeveralIntent } from '../../lib/flows/target/look-at-several.ts';
import { given } from './given.ts';
import { targetIntent } from './target-flags.ts';

/** Throws UsageError unless there are either names, each once, or a selector, or all namespaces. */
export function refuseUnclear(
  verb: string,
  names: readonly string[],
  { selector, allNamespaces }: { selector: string | undefined; allNamespaces: boolean },
): void {
  if (names.length === 0 && selector === undefined && !allNamespaces)
    throw new UsageError(
      `TARGET is missing: ${verb} takes TARGETS, -l SELECTOR or -A`,
      `${verb} nginx, ${verb} -l app=web, or ${verb} -A`,
    );
  if (names.length > 0 && selector !== undefined)
    throw new UsageError('names and -l SELECTOR cannot be combined', `${verb} nginx web, or ${verb} -l app=web`);
  if (names.length > 0 && allNamespaces)
    throw new UsageError(
      'names and -A cannot be combined: a name is of one namespace',
      `${verb} nginx web -n prod, or ${verb} -A`,
    );
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw new UsageError(`${JSON.stringify(twice)} is named twice`);
}

/** Whether a command line asks for several, or for a list of contexts: each of them then has a time-out of its own. */
export const isSeveral = (
  names: readonly string[],
  {
    selector,
    allNamespaces,
    context = '',
  }: { selector: string | undefined; allNamespaces: boolean; context: string | undefined },
): boolean => names.length !== 1 || selector !== undefined || allNamespaces || context.includes(',');

/** The names, or the selection, as one text for messages: `nginx,web`, `-l app=web`, `-A`. */
const namesText = (
  names: readonly string[],
  { selector, allNamespaces }: { selector: string | undefined; allNamespaces: boolean },
): string =>
  names.join(',') ||
  [...(allNamespaces ? ['-A'] : []), ...(selector === undefined ? [] : [`-l ${selector}`])].join(' ');

interface SeveralFlags {
  selector: string | undefined;
  allNamespaces: boolean;
  context: string | undefined;
  service: readonly string[] | undefined;
  timeout: number;
}

/** The part of an intent that the verbs on several TARGETS share: --timeout is for each of several. `watches`: each look is limited, and the watch is not. */
export function severalIntent(
  names: readonly string[],
  flags: SeveralFlags,
  { watches = false } = {},
): TargetIntent & Pick<SeveralIntent, 'selector' | 'everywhere' | 'eachMs'> {
  const several = isSeveral(names, flags);
  return {
    ...targetIntent(namesText(names, flags), watches || several ? { ...flags, timeout: 0 } : flags),
    ...given({
      selector: flags.selector,
      everywhere: flags.allNamespaces || undefined,
      eachMs: several ? flags.timeout : undefined,
    }),
  };
}
