/** Refusals that the verbs on several TARGETS share. */
import { UsageError } from '../../lib/core/errors.ts';

/** Throws UsageError unless there are either names, each once, or a selector. */
export function refuseUnclear(verb: string, names: readonly string[], selector: string | undefined): void {
  if (names.length === 0 && selector === undefined)
    throw new UsageError(
      `TARGET is missing: ${verb} takes TARGETS, or -l SELECTOR`,
      `${verb} nginx, or ${verb} -l app=web`,
    );
  if (names.length > 0 && selector !== undefined)
    throw new UsageError('names and -l SELECTOR cannot be combined', `${verb} nginx web, or ${verb} -l app=web`);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw new UsageError(`${JSON.stringify(twice)} is named twice`);
}
