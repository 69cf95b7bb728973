/** Refusals that the verbs on several TARGETS share. */
import { UsageError } from '../../lib/core/errors.ts';

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

/** Several of them, at whatever place: for each alone the time-out counts, and none hides the others. */
export const isSeveral = (
  names: readonly string[],
  {
    selector,
    allNamespaces,
    context = '',
  }: { selector: string | undefined; allNamespaces: boolean; context: string | undefined },
): boolean => names.length !== 1 || selector !== undefined || allNamespaces || context.includes(',');

/** Them as one text, for messages: `nginx,web`, `-l app=web`, `-A`. */
export const namesText = (
  names: readonly string[],
  { selector, allNamespaces }: { selector: string | undefined; allNamespaces: boolean },
): string =>
  names.join(',') ||
  [...(allNamespaces ? ['-A'] : []), ...(selector === undefined ? [] : [`-l ${selector}`])].join(' ');
