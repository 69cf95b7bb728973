/** Puts new images, or a restart, into the template, remembering the revision to go back to in the same patch. */

import { DisagreesError, UsageError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { DryRun } from '../../core/outcome/outcome.ts';
import { LEAVING_NODES } from '../../core/target/leaving-nodes.ts';
import { isOfOtherRevision, isOutdated, type PodFacts } from '../../core/target/pod.ts';
import { freshRestartMs, RESTART_BEGUN, restartDue, restartTime, templatePatch } from '../../core/target/restart.ts';
import { FORMER_REVISION, mostFrequent, readRevisions, revisionWith } from '../../core/target/revisions.ts';
import { isLeftAlone, withSetFormat } from '../../core/target/set-format.ts';
import { readStatefulSet, type StatefulSetFacts } from '../../core/target/stateful-set-facts.ts';
import { lines, own } from '../../core/values/command.ts';
import { formatSeconds } from '../../core/values/time.ts';
import { toGoBack, toGoOn } from '../../core/values/way.ts';
import { CONTROLLER_REVISIONS, STATEFUL_SETS } from '../../ports/resources.ts';
import type { World } from '../../ports.ts';
import { serverNowMs } from '../guard/server-time.ts';
import { softly } from '../guard/softly.ts';
import { withResults } from '../guard/with-results.ts';
import { writeEvent } from '../guard/write-event.ts';

/**
 * Writes images, and the time of a restart where one begins, as one revision. Throws UsageError for a container that the
 * template does not have, StatusError 409 when the StatefulSet changed meanwhile, DisagreesError when the server keeps another
 * image than it was given, as a webhook for mirrors makes it do.
 */
export async function setImages(
  world: World,
  set: StatefulSetFacts,
  pods: readonly PodFacts[],
  images: Readonly<Record<string, string>>,
  restartedAt?: string,
): Promise<void> {
  checkContainers(set, images);
  const former = revisionBefore(set, pods);
  const bookkeeping = {
    [FORMER_REVISION]: former,
    ...(restartedAt === undefined ? {} : { [RESTART_BEGUN]: restartedAt }),
  };
  const patch = {
    metadata: { resourceVersion: set.resourceVersion, annotations: withSetFormat(set, bookkeeping) },
    spec: { template: templatePatch(set, images, restartedAt) },
  };
  const kept = await world.kube.patch(STATEFUL_SETS, set.name, patch, { type: 'strategic', signal: world.signal });
  const names = Object.keys(images);
  const said = [
    ...names.map((name) => `${name}=${images[name]}`),
    ...(restartedAt === undefined ? [] : [`restart at ${restartedAt}`]),
  ].join(', ');
  await writeEvent(
    world,
    set,
    names.length === 0 ? 'ZerolossRestarted' : 'ZerolossImageSet',
    `template set to ${said}; the former revision is ${former}`,
    {
      images: names.map((name) => ({ container: name, from: set.images[name] ?? null, to: images[name] ?? '' })),
      ...(restartedAt === undefined ? {} : { restartedAt }),
    },
  );
  const result = { object: `statefulset/${set.name}`, action: 'template set', changed: true, note: said };
  await withResults(
    () => [result],
    async () => refuseRewritten(set.name, images, readStatefulSet(kept).images),
  );
}

/** Going on would look as if another writer had changed the template right after. */
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
      toGoOn(
        `the same command with ${rewritten.map(([container]) => `--image ${container}=${kept[container]}`).join(' ')}; no pod has been touched for it yet`,
      ),
      toGoBack(own('rollback', name)),
    ),
  );
}

/** Keeps the bookkeeping of an upgrade that is still on; ignores that of an upgrade that other commands have finished. */
function revisionBefore(set: StatefulSetFacts, pods: readonly PodFacts[]): string {
  const isOn = pods.some((pod) => isOutdated(pod, set));
  const noted = isOn ? set.annotations[FORMER_REVISION] : undefined;
  return noted ?? mostFrequent(pods.map((pod) => pod.revision).filter((name) => name !== '')) ?? set.updateRevision;
}

export function checkContainers(set: StatefulSetFacts, images: Readonly<Record<string, string>>): void {
  const unknown = Object.keys(images).filter((name) => set.images[name] === undefined);
  if (unknown.length === 0) return;
  throw new UsageError(
    `statefulset/${set.name} has no container "${unknown.join('", "')}"`,
    `its containers: ${Object.keys(set.images).join(', ')}; for example --image ${Object.keys(set.images)[0] ?? 'c'}=IMAGE`,
  );
}

/** Bookkeeping of an upgrade on the StatefulSet: the revision to go back to, a restart, nodes to be emptied. */
const OF_AN_UPGRADE = [FORMER_REVISION, RESTART_BEGUN, LEAVING_NODES] as const;

/** Takes bookkeeping of the upgrade away, all of them by default; true when there was one. */
export async function forgetFormerRevision(
  world: World,
  set: StatefulSetFacts,
  dryRun: DryRun = 'none',
  keys: readonly string[] = OF_AN_UPGRADE,
): Promise<boolean> {
  if (!holdsUpgrade(set)) return false;
  const there = keys.filter((key) => set.annotations[key] !== undefined);
  const annotations = withSetFormat(set, Object.fromEntries(there.map((key) => [key, null])));
  const patch = { metadata: { resourceVersion: set.resourceVersion, annotations } };
  if (dryRun !== 'client')
    await world.kube.patch(STATEFUL_SETS, set.name, patch, {
      type: 'merge',
      dryRun: dryRun === 'server',
      signal: world.signal,
    });
  return true;
}

/**
 * With the earlier revision that the images bring back, where a pod may run it; the intent as it is where there is none, or where
 * revisions may not be listed.
 */
export async function withRevisionBack<
  I extends { images: Readonly<Record<string, string>>; restartedAt?: string; revisionBack?: string },
>(world: World, intent: I, { set, pods }: Pick<Facts, 'set' | 'pods'>): Promise<I> {
  const changes = Object.entries(intent.images).some(([container, image]) => set.images[container] !== image);
  const isAsked = changes && restartDue(set, intent.restartedAt) === undefined;
  if (!isAsked || !pods.some((pod) => isOfOtherRevision(pod, set))) return intent;
  const listing = { labelSelector: set.selectorText, signal: world.signal };
  const listed = await softly(world, () => world.kube.list(CONTROLLER_REVISIONS, listing));
  const back = listed.known ? revisionWith(readRevisions(listed.value.items, set), set, intent.images) : undefined;
  return back === undefined ? intent : { ...intent, revisionBack: back.name };
}

/** Whether the StatefulSet holds bookkeeping of an upgrade, or a format number alone. */
export const holdsUpgrade = (set: StatefulSetFacts): boolean =>
  OF_AN_UPGRADE.some((key) => set.annotations[key] !== undefined) || isLeftAlone(set);

/**
 * The time that a restart writes, fixed at the first look, so that one run begins one restart; by the API server's clock,
 * which has been asked by then. A restart that is on keeps its time. The intent as it is where no restart is asked for.
 */
export const withRestartTime = <I extends { restart?: boolean; restartOf?: string }>(
  world: World,
  intent: I,
  set: StatefulSetFacts,
): I & { restartedAt?: string } =>
  intent.restart === true
    ? {
        ...intent,
        restartedAt: restartTime(set, intent.restartOf ?? formatSeconds(freshRestartMs(set, serverNowMs(world)))),
      }
    : intent;
