/** The formats of `plan` that hold one target: a script, a Job, a Workflow. Of several they are refused, with the command for each. */
import { UsageError } from '../../lib/core/errors.ts';
import { placeFlags } from '../../lib/core/intent/target-place.ts';
import { lines, own } from '../../lib/core/values/command.ts';
import type { SetsIntent } from '../../lib/flows/target/look-at-several.ts';
import type { World } from '../../lib/ports.ts';
import { contextsOf } from '../open-contexts.ts';
import { given } from './given.ts';

/** Those that several have; undefined: the table. */
type Formats = readonly (string | undefined)[];

interface Formatted {
  output: string | undefined;
  context: string | undefined;
}

/** Throws UsageError for such a format of several names. Contexts and labels are known only once a cluster is asked. */
export function refuseAloneOfNames(flags: Formatted, names: readonly string[], ofSeveral: Formats): void {
  if (ofSeveral.includes(flags.output) || names.length < 2) return;
  const contexts = flags.context?.includes(',') ? contextsOf(flags.context) : [];
  const places = contexts.length === 0 ? [[]] : contexts.map((context) => ['--context', context]);
  refuseSeveralAs(
    flags.output ?? '',
    names.flatMap((name) => places.map((place) => ({ name, place }))),
  );
}

/** Throws UsageError for such a format of all that labels, namespaces or contexts hold. It looks for them, so that the hint has the command for each; throws what a cluster throws where none can be asked. */
export async function refuseAloneOfFound(
  flags: Formatted,
  world: World,
  { names, selector, everywhere }: SetsIntent,
  ofSeveral: Formats,
): Promise<void> {
  if (ofSeveral.includes(flags.output) || (names.length === 1 && world.clusters === undefined)) return;
  const { findTargets } = await import('../../lib/flows/target/find-targets.ts');
  const { differingFrom } = await import('../../lib/flows/target/look-at-several.ts');
  const asked = { targets: names.map((name) => ({ name })), ...given({ selector, everywhere }) };
  const { found, unreached } = await findTargets(world, asked, { deployments: false });
  if (found.length === 0 && unreached[0] !== undefined) throw unreached[0].error;
  const differ = differingFrom(world, found, unreached);
  refuseSeveralAs(
    flags.output ?? '',
    found.map(({ name, place }) => ({ name, place: placeFlags(place, differ) })),
  );
}

/** The commands that a hint names. */
const SHOWN = 5;

/** Throws UsageError for a format that holds one target alone, with the command for each. `place`: the flags that lead there. */
function refuseSeveralAs(format: string, targets: readonly { name: string; place: readonly string[] }[]): never {
  const each = targets.map(({ name, place }) => own('plan', name, '-o', format, ...place));
  throw new UsageError(
    `-o ${format} prints one target, and takes it by its name`,
    lines(
      ...each.slice(0, SHOWN),
      ...(each.length > SHOWN ? [`and so for ${each.length - SHOWN} more; without -o the same command lists all`] : []),
    ),
  );
}
