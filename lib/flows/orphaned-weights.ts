/** What a StatefulSet that was deleted in the middle leaves on its Services: weights that nobody gives back. */
import { portKeys } from '../core/backends.ts';
import { zerosOn } from '../core/drain-set.ts';
import { formatOrdinals, ordinalSet } from '../core/ordinals.ts';
import { shellWord } from '../core/plan-script.ts';
import { parseRsWeight, RS_WEIGHT_ANNOTATION } from '../core/rs-weight.ts';
import { OWN, readService, type ServiceFacts } from '../core/service.ts';
import { StatusError } from '../errors.ts';
import type { World } from '../ports.ts';
import { SERVICES } from '../resources.ts';

/** The same error, with the commands that clear the Services by hand where one of them still names the StatefulSet. */
export async function withOrphanedWeights(world: World, name: string, error: unknown): Promise<unknown> {
  if (!(error instanceof StatusError) || error.httpStatus !== 404) return error;
  const found = await world.kube.list(SERVICES, { signal: world.signal }).catch(() => undefined);
  const lines = (found?.items ?? []).map(readService).flatMap((service) => linesOf(service, name));
  if (lines.length === 0) return error;
  return new StatusError(error.httpStatus, error.reason, error.serverMessage, {
    message: error.message,
    hint: [...(error.hint === undefined ? [] : [error.hint]), ...lines].join('\n'),
  });
}

function linesOf(service: ServiceFacts, name: string): string[] {
  const drained = drainedOf(service, name);
  if (drained.length === 0) return [];
  const former = service.annotations[OWN.former];
  const own = Object.values(OWN).filter((key) => service.annotations[key] !== undefined);
  const weights = [
    ...(former === undefined
      ? []
      : former === ''
        ? [`${RS_WEIGHT_ANNOTATION}-`]
        : [`${RS_WEIGHT_ANNOTATION}=${former}`]),
    ...own.map((key) => `${key}-`),
  ];
  return [
    `service/${service.name} still holds weight 0 for ordinals ${formatOrdinals(drained)} of it, also for a StatefulSet that is made anew under this name`,
    former === undefined
      ? `kubectl edit service ${service.name}   # what stood in annotation ${RS_WEIGHT_ANNOTATION} before is not recorded`
      : `kubectl annotate service ${service.name} --overwrite ${weights.map(shellWord).join(' ')}   # as before the first drain`,
  ];
}

/** Empty too for an annotation that cannot be read. */
function drainedOf(service: ServiceFacts, name: string): number[] {
  try {
    const document = service.weightText === undefined ? undefined : parseRsWeight(service.weightText, service.name);
    return ordinalSet(portKeys(service).flatMap((key) => zerosOn(document, key, name)));
  } catch {
    return [];
  }
}
