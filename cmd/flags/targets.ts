/** The refusals, and the part of an intent, that the verbs on several TARGETS share. */
import { UsageError } from '../../lib/core/errors.ts';
import type { TargetIntent } from '../../lib/core/intent/intent.ts';
import { lines, own } from '../../lib/core/values/command.ts';
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

/** The commands that a hint names. */
const SHOWN = 5;

/** Throws UsageError for a format that holds one target alone, with the command for each. `place`: the flags that lead there. */
export function refuseSeveralAs(
  verb: string,
  format: string,
  targets: readonly { name: string; place: readonly string[] }[],
): never {
  const each = targets.map(({ name, place }) => own(verb, name, '-o', format, ...place));
  throw new UsageError(
    `-o ${format} prints one target, and several are asked for`,
    lines(
      ...each.slice(0, SHOWN),
      ...(each.length > SHOWN ? [`and so for ${each.length - SHOWN} more; without -o the same command lists all`] : []),
    ),
  );
}
