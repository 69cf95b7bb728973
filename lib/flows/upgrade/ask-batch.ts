/** The question before a batch, and what a no leaves behind. */

import { NotYetError } from '../../core/errors.ts';
import { formatOrdinals, ordinalsText } from '../../core/target/ordinals.ts';
import { advice, lines, own } from '../../core/values/command.ts';
import { toGoOn } from '../../core/values/way.ts';
import type { World } from '../../ports.ts';

export interface Batch {
  statefulSet: string;
  ordinals: readonly number[];
  /** At weight 0 already: drained by another writer, or by an earlier run. */
  drained: boolean;
  /** Outdated pods of the whole StatefulSet. */
  outdated: number;
  /** The most pods that the same yes lets follow these. */
  following: number;
  /** The effect on Services that lead to one of the pods alone, as sentences. */
  alone: readonly string[];
}

/** Throws NotYetError unless the person at the terminal, if there is one, says yes. */
export async function askBatch(
  world: World,
  { statefulSet, ordinals, drained, outdated, following, alone }: Batch,
): Promise<void> {
  if (world.confirm === undefined) return;
  const pods = `${ordinalsText(ordinals)} of statefulset/${statefulSet}`;
  const it = ordinals.length === 1 ? 'it' : 'them';
  const more = following > 0 ? `, and then up to ${following} more without another question` : '';
  const question = drained
    ? `Replace ${pods} once at zero? Somebody else, or an earlier run, has drained ${it} (${outdated} outdated in all)`
    : `Drain ${pods} and replace ${it} once at zero${more} (${outdated} outdated in all)?`;
  if (await world.confirm([...alone.map((line) => `${line}.`), question].join(' '))) return;
  throw new NotYetError(
    `stopped before ${ordinalsText(ordinals)} (answered no)${drained ? `; weight 0 stays as it was for ${it}` : ''}`,
    lines(
      toGoOn('the same command'),
      ...(drained
        ? [advice`to give ${it} traffic again: ${own('restore', statefulSet, formatOrdinals(ordinals))}`]
        : []),
    ),
  );
}
