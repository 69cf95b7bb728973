/** The emergency exit for a damaged weight annotation: puts the kept text back, independent of what the annotation holds now. */

import { RefusedError } from '../../core/errors.ts';
import { chooseServices } from '../../core/facts/facts.ts';
import { bookkeptSets, ownAnnotations, readService, type ServiceFacts } from '../../core/facts/service-facts.ts';
import { formatRefusals } from '../../core/facts/service-format.ts';
import type { TargetIntent } from '../../core/intent/intent.ts';
import type { ObjectResult } from '../../core/outcome/outcome.ts';
import { readPods } from '../../core/target/pod.ts';
import { readStatefulSet } from '../../core/target/stateful-set-facts.ts';
import { kubectl } from '../../core/values/command.ts';
import { parseRsWeight, RS_WEIGHT_ANNOTATION } from '../../core/weights/rs-weight.ts';
import { PODS, SERVICES } from '../../ports/resources.ts';
import type { World } from '../../ports.ts';
import { getStatefulSet, readServices } from '../target/gather.ts';

/**
 * Writes only to Services whose annotation cannot be read, and adds each of them to `repaired`, which a second round after a
 * conflict keeps. Throws RefusedError when nothing readable is kept to put back, and where another StatefulSet behind
 * the same Service has drained pods as well: the kept text may be from before that, and would give them traffic.
 */
export async function mendAnnotations(world: World, intent: TargetIntent, repaired: ObjectResult[]): Promise<void> {
  const set = readStatefulSet(await getStatefulSet(world, intent.name));
  const { items } = await world.kube.list(PODS, { labelSelector: set.selectorText, signal: world.signal });
  const services = chooseServices((await readServices(world, intent)).map(readService), set, readPods(items, set), {
    named: intent.services,
    leftBehind: 'include',
  }).map(({ service }) => service);
  const keys = ownAnnotations(set.name);
  const damaged = services.filter((service) => unreadable(service.weightText, service.name));
  const foreign = damaged.flatMap((service) => formatRefusals(service, set.name));
  if (foreign.length > 0) throw new RefusedError(foreign);
  const helpless = damaged.filter(
    ({ annotations, name }) => annotations[keys.former] === undefined || unreadable(annotations[keys.former], name),
  );
  const shared = damaged.filter((service) => bookkeptSets(service).some((name) => name !== set.name));
  if (helpless.length + shared.length > 0)
    throw new RefusedError([...helpless.map(nothingKept), ...shared.map((service) => isShared(service, set.name))]);
  for (const service of damaged) {
    const kept = service.annotations[keys.former] ?? '';
    const own = Object.fromEntries(
      Object.values(keys)
        .filter((key) => service.annotations[key] !== undefined)
        // The next restore puts a blank text back, once the load balancer shows the weights.
        .filter((key) => !(key === keys.blank && kept === ''))
        .map((key): [string, null] => [key, null]),
    );
    const patch = {
      metadata: {
        resourceVersion: service.resourceVersion,
        annotations: { ...own, [RS_WEIGHT_ANNOTATION]: kept === '' ? null : kept },
      },
    };
    if (intent.dryRun !== 'client') {
      const dryRun = intent.dryRun === 'server';
      await world.kube.patch(SERVICES, service.name, patch, { type: 'merge', dryRun, signal: world.signal });
    }
    const note = kept === '' ? 'there was no annotation before the first drain' : 'the kept annotation is back';
    repaired.push({ object: `service/${service.name}`, action: 'mended', changed: true, note });
  }
}

function unreadable(text: string | undefined, service: string): boolean {
  if (text === undefined || text === '') return false;
  try {
    parseRsWeight(text, service);
    return false;
  } catch {
    return true;
  }
}

const isShared = (service: ServiceFacts, statefulSet: string) => ({
  rule: 'former-is-ours',
  message: `service/${service.name}: the annotation ${RS_WEIGHT_ANNOTATION} cannot be read, and ${bookkeptSets(service)
    .filter((name) => name !== statefulSet)
    .map((name) => `statefulset/${name}`)
    .join(', ')} may have drained pods there too: the kept text could give them traffic`,
  cure: kubectl('edit', 'service', service.name).note(
    "fix the text by hand; each StatefulSet's own bookkeeping is beside it",
  ),
});

const nothingKept = ({ name }: ServiceFacts) => ({
  rule: 'former-recorded',
  message: `service/${name}: the annotation ${RS_WEIGHT_ANNOTATION} cannot be read, and no readable text from before the first drain is kept`,
  cure: kubectl('annotate', 'service', name, `${RS_WEIGHT_ANNOTATION}-`).note(
    'removes it: every pod gets its default weight again',
  ),
});
