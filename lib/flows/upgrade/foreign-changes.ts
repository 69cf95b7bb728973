/** Changes that others make to the target during an upgrade: names them, and ends the run where going on would fight or follow them. */

import { ConflictError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import { kubectl, lines, own } from '../../core/values/command.ts';
import { toGoOn, way } from '../../core/values/way.ts';
import type { World } from '../../ports.ts';
import { linesBack } from '../target/find-way-back.ts';

/** The state that one step left for the next; undefined: this program changed it itself, and accepts it as it is. */
export interface BelievedState {
  uid: string;
  revision?: string | undefined;
  replicas?: number | undefined;
  services: readonly string[];
  /** The template had the wished images once. */
  imagesSet: boolean;
}

/** Container and image of every wish that the template does not fulfil. */
const unfulfilled = ({ set }: Facts, images: Readonly<Record<string, string>>): [string, string][] =>
  Object.entries(images).filter(([container, image]) => set.images[container] !== image);

export const knownOf = (facts: Facts, images: Readonly<Record<string, string>>): BelievedState => ({
  uid: facts.set.uid,
  revision: facts.set.updateRevision,
  replicas: facts.set.replicas,
  services: facts.services.map(({ service }) => service.name),
  imagesSet: unfulfilled(facts, images).length === 0,
});

/**
 * Warns of a scale and of a new Service; throws ConflictError for another template, another StatefulSet of the same name,
 * or a Service that no longer selects the pods.
 */
export async function refuseForeignChanges(
  world: World,
  known: BelievedState,
  facts: Facts,
  images: Readonly<Record<string, string>>,
): Promise<void> {
  const { set } = facts;
  const object = `statefulset/${set.name}`;
  if (set.uid !== known.uid)
    throw new ConflictError(
      `${object} was deleted and created again by another writer during this run`,
      own('status', set.name).note('shows the present state'),
    );
  const [other] = known.imagesSet ? unfulfilled(facts, images) : [];
  if (other !== undefined || (known.revision !== undefined && known.revision !== set.updateRevision)) {
    const what =
      other === undefined
        ? `revision ${known.revision} became ${set.updateRevision}`
        : `${other[0]}=${set.images[other[0]]}, this upgrade is to ${other[1]}`;
    throw new ConflictError(
      `the template of ${object} was changed by another writer during this run: ${what}; their change was not overwritten`,
      lines(
        kubectl('rollout', 'history', `statefulset/${set.name}`).note(
          'shows the revisions, with --revision=N one of them',
        ),
        own('history', set.name).note('shows who did it, where that was one of our verbs'),
        other === undefined
          ? toGoOn('the same command again; it keeps their template')
          : toGoOn('the same command again, once they agree: it sets your image in place of theirs'),
        ...(await linesBack(world, facts)),
      ),
    );
  }
  refuseLostServices(world, known, facts);
  if (known.replicas !== undefined && known.replicas !== set.replicas)
    world.report.warn(
      `${object} was scaled by another writer during this run, from ${known.replicas} to ${set.replicas} replicas${set.replicas > known.replicas ? '; the new pods start on the update revision' : ''}`,
    );
}

function refuseLostServices(world: World, known: BelievedState, { set, services }: Facts): void {
  const now = services.map(({ service }) => service.name);
  const lost = known.services.filter((name) => !now.includes(name));
  if (lost.length > 0)
    throw new ConflictError(
      `service/${lost.join(', service/')} no longer selects the pods of statefulset/${set.name}, or is gone: another writer changed it during this run`,
      lines(
        kubectl('get', 'services', '-o', 'wide').note('compare SELECTOR with the labels of the pods'),
        way('on', 'to go on with the remaining Services: the same command again'),
      ),
    );
  for (const name of now.filter((each) => !known.services.includes(each)))
    world.report.warn(`service/${name} now selects the pods of statefulset/${set.name} too: it is drained as well`);
}
