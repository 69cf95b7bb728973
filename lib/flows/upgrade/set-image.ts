/** Puts new images into the template, remembering the revision to go back to in the same patch. */

import { DisagreesError, UsageError } from '../../core/errors.ts';
import type { DryRun } from '../../core/outcome/outcome.ts';
import { isOutdated, type PodFacts } from '../../core/target/pod.ts';
import { FORMER_REVISION, mostFrequent } from '../../core/target/revisions.ts';
import { isLeftAlone, withSetFormat } from '../../core/target/set-format.ts';
import { readStatefulSet, type StatefulSetFacts } from '../../core/target/stateful-set-facts.ts';
import { advice, lines, own } from '../../core/values/command.ts';
import { STATEFUL_SETS } from '../../ports/resources.ts';
import type { World } from '../../ports.ts';
import { recordEvent } from '../guard/record-event.ts';

/**
 * Throws UsageError for a container that the template does not have, StatusError 409 when the StatefulSet changed meanwhile,
 * DisagreesError when the server keeps another image than it was given, as a webhook for mirrors makes it do.
 */
export async function setImages(
  world: World,
  set: StatefulSetFacts,
  pods: readonly PodFacts[],
  images: Readonly<Record<string, string>>,
): Promise<void> {
  checkContainers(set, images);
  const containers = Object.entries(images).map(([name, image]) => ({ name, image }));
  const [inits, others] = [true, false].map((isInit) =>
    containers.filter(({ name }) => set.initContainers.includes(name) === isInit),
  );
  const former = revisionBefore(set, pods);
  const patch = {
    metadata: { resourceVersion: set.resourceVersion, annotations: withSetFormat(set, { [FORMER_REVISION]: former }) },
    spec: {
      template: {
        spec: {
          ...(others?.length ? { containers: others } : {}),
          ...(inits?.length ? { initContainers: inits } : {}),
        },
      },
    },
  };
  const kept = await world.kube.patch(STATEFUL_SETS, set.name, patch, { type: 'strategic', signal: world.signal });
  const said = containers.map(({ name, image }) => `${name}=${image}`).join(', ');
  await recordEvent(world, set, 'ZerolossImageSet', `template set to ${said}; the former revision is ${former}`, {
    images: containers.map(({ name, image }) => ({ container: name, from: set.images[name] ?? null, to: image })),
  });
  refuseRewritten(set.name, images, readStatefulSet(kept).images);
}

/** Going on would look as if somebody else had changed the template right after. */
function refuseRewritten(
  name: string,
  wished: Readonly<Record<string, string>>,
  kept: Readonly<Record<string, string>>,
): void {
  const rewritten = Object.entries(wished).filter(([container, image]) => kept[container] !== image);
  if (rewritten.length === 0) return;
  throw new DisagreesError(
    `statefulset/${name} was given ${rewritten.map(([container, image]) => `${container}=${image}`).join(', ')} and keeps ${rewritten.map(([container]) => `${container}=${kept[container]}`).join(', ')}: an admission webhook rewrites images here`,
    lines(
      `to go on: the same command with ${rewritten.map(([container]) => `--image ${container}=${kept[container]}`).join(' ')}; no pod has been touched for it yet`,
      advice`to go back: ${own('rollback', name)}`,
    ),
  );
}

/** Keeps the record of an upgrade that is still on; ignores that of an upgrade that other commands have finished. */
function revisionBefore(set: StatefulSetFacts, pods: readonly PodFacts[]): string {
  const isOn = pods.some((pod) => isOutdated(pod, set));
  const recorded = isOn ? set.annotations[FORMER_REVISION] : undefined;
  return recorded ?? mostFrequent(pods.map((pod) => pod.revision).filter((name) => name !== '')) ?? set.updateRevision;
}

export function checkContainers(set: StatefulSetFacts, images: Readonly<Record<string, string>>): void {
  const unknown = Object.keys(images).filter((name) => set.images[name] === undefined);
  if (unknown.length === 0) return;
  throw new UsageError(
    `statefulset/${set.name} has no container "${unknown.join('", "')}"`,
    `its containers: ${Object.keys(set.images).join(', ')}; for example --image ${Object.keys(set.images)[0] ?? 'c'}=IMAGE`,
  );
}

/** Takes the record away once nothing is left to go back from; true when there was one. */
export async function forgetFormerRevision(
  world: World,
  set: StatefulSetFacts,
  dryRun: DryRun = 'none',
): Promise<boolean> {
  if (set.annotations[FORMER_REVISION] === undefined && !isLeftAlone(set)) return false;
  const patch = {
    metadata: { resourceVersion: set.resourceVersion, annotations: withSetFormat(set, { [FORMER_REVISION]: null }) },
  };
  if (dryRun !== 'client')
    await world.kube.patch(STATEFUL_SETS, set.name, patch, {
      type: 'merge',
      dryRun: dryRun === 'server',
      signal: world.signal,
    });
  return true;
}
