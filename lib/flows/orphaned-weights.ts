/** What a StatefulSet that was deleted in the middle leaves on its Services: weights that nobody gives back. */
import { portKeys } from '../core/backends.ts';
import { annotationText, keysNaming, zerosOn } from '../core/drain-set.ts';
import { formatOrdinals, ordinalSet } from '../core/ordinals.ts';
import { shellWord } from '../core/plan-script.ts';
import { parseRsWeight, RS_WEIGHT_ANNOTATION, type RsWeight } from '../core/rs-weight.ts';
import { ownAnnotations, readService, type ServiceFacts, servicesOf } from '../core/service.ts';
import type { StatefulSetFacts } from '../core/stateful-set.ts';
import { StatusError } from '../errors.ts';
import type { World } from '../ports.ts';
import { SERVICES } from '../resources.ts';

/** The same error, with the commands that clear the Services by hand where one of them still names the StatefulSet. */
export async function withOrphanedWeights(world: World, name: string, error: unknown): Promise<unknown> {
  if (!(error instanceof StatusError) || error.httpStatus !== 404) return error;
  const found = await world.kube.list(SERVICES, { signal: world.signal }).catch(() => undefined);
  const lines = (found?.items ?? []).map(readService).flatMap((service) => {
    const left = leftOn(service, name);
    return left === undefined
      ? []
      : [`${left.text}, also for a StatefulSet that is made anew under this name`, left.command];
  });
  if (lines.length === 0) return error;
  return new StatusError(error.httpStatus, error.reason, error.serverMessage, {
    message: error.message,
    hint: [...(error.hint === undefined ? [] : [error.hint]), ...lines].join('\n'),
  });
}

/** Says of Services that were drained by us and select the pods no longer (a switch to another color) what they hold, and how to end it. */
export function warnOfLeftBehind(world: World, services: readonly ServiceFacts[], set: StatefulSetFacts): void {
  const matching = servicesOf(services, set);
  const own = ownAnnotations(set.name);
  for (const service of services) {
    if (matching.includes(service) || service.annotations[own.former] === undefined) continue;
    const left = leftOn(service, set.name);
    if (left !== undefined)
      world.report.warn(
        `service/${service.name} no longer selects the pods of statefulset/${set.name}, and no verb gives back there: ${left.text}\n${left.command}`,
      );
  }
}

function leftOn(service: ServiceFacts, name: string): { text: string; command: string } | undefined {
  const document = readable(service.weightText, service.name);
  const drained = ordinalSet(portKeys(service).flatMap((key) => zerosOn(document, key, name)));
  if (drained.length === 0 || document === undefined) return undefined;
  return {
    text: `service/${service.name} still holds weight 0 for ordinals ${formatOrdinals(drained)} of it`,
    command: clearing(service, name, document),
  };
}

/** Takes out what is of this StatefulSet alone: others behind the same Service may be in the middle of their own drain. */
function clearing(service: ServiceFacts, name: string, document: RsWeight): string {
  const keys = ownAnnotations(name);
  const recorded = service.annotations[keys.former];
  const former = recorded === undefined || recorded === '' ? undefined : readable(recorded, service.name);
  if (recorded === undefined || (recorded !== '' && former === undefined))
    return `kubectl edit service ${service.name}   # what stood in annotation ${RS_WEIGHT_ANNOTATION} before is not recorded`;
  const text = annotationText({
    current: { text: service.weightText ?? '', document },
    former: former === undefined ? null : { text: recorded, document: former },
    keys: [...portKeys(service), ...keysNaming(document, name)],
    statefulSet: name,
    zeros: () => [],
  });
  const words = [
    text === null ? `${RS_WEIGHT_ANNOTATION}-` : `${RS_WEIGHT_ANNOTATION}=${text}`,
    ...Object.values(keys)
      .filter((key) => service.annotations[key] !== undefined)
      .map((key) => `${key}-`),
  ];
  return `kubectl annotate service ${service.name} --overwrite ${words.map(shellWord).join(' ')}   # without the weights of statefulset/${name}`;
}

/** Undefined too for an annotation that cannot be read. */
function readable(text: string | undefined, service: string): RsWeight | undefined {
  try {
    return text === undefined ? undefined : parseRsWeight(text, service);
  } catch {
    return undefined;
  }
}
