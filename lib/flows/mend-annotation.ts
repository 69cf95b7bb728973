/** The emergency exit when somebody has damaged the weight annotation: puts the recorded text back, whatever stands there now. */
import type { TargetIntent } from '../core/intent.ts';
import type { ObjectResult } from '../core/outcome.ts';
import { parseRsWeight, RS_WEIGHT_ANNOTATION } from '../core/rs-weight.ts';
import { OWN, readService, type ServiceFacts } from '../core/service.ts';
import { readStatefulSet } from '../core/stateful-set.ts';
import { RefusedError } from '../errors.ts';
import type { World } from '../ports.ts';
import { SERVICES, STATEFUL_SETS } from '../resources.ts';
import { chooseServices, readServices } from './gather.ts';

/**
 * Writes only to Services whose annotation cannot be read, and adds each of them to `mended`, which a second round after a
 * conflict keeps. Throws RefusedError when nothing readable is recorded to put back.
 */
export async function mendAnnotations(world: World, intent: TargetIntent, mended: ObjectResult[]): Promise<void> {
  const set = readStatefulSet(await world.kube.get(STATEFUL_SETS, intent.name, { signal: world.signal }));
  const services = chooseServices((await readServices(world, intent)).map(readService), set, intent.services);
  const damaged = services.filter((service) => unreadable(service.weightText, service.name));
  const helpless = damaged.filter(
    ({ annotations, name }) => annotations[OWN.former] === undefined || unreadable(annotations[OWN.former], name),
  );
  if (helpless.length > 0) throw new RefusedError(helpless.map(nothingRecorded));
  for (const service of damaged) {
    const recorded = service.annotations[OWN.former] ?? '';
    const own = Object.fromEntries(
      Object.values(OWN)
        .filter((key) => service.annotations[key] !== undefined)
        .map((key): [string, null] => [key, null]),
    );
    const patch = {
      metadata: {
        resourceVersion: service.resourceVersion,
        annotations: { ...own, [RS_WEIGHT_ANNOTATION]: recorded === '' ? null : recorded },
      },
    };
    if (intent.dryRun !== 'client') {
      const dryRun = intent.dryRun === 'server';
      await world.kube.patch(SERVICES, service.name, patch, { type: 'merge', dryRun, signal: world.signal });
    }
    const note = recorded === '' ? 'there was no annotation before the first drain' : 'the recorded annotation is back';
    mended.push({ object: `service/${service.name}`, action: 'mended', changed: true, note });
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

const nothingRecorded = ({ name }: ServiceFacts) => ({
  rule: 'former-recorded',
  message: `service/${name}: the annotation ${RS_WEIGHT_ANNOTATION} cannot be read, and no readable text from before the first drain is recorded`,
  cure: `kubectl annotate service ${name} ${RS_WEIGHT_ANNOTATION}-   # removes it: every pod gets its default weight again`,
});
