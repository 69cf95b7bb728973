/** Weights that no verb gives back: of Services that no longer select the pods, or of a StatefulSet that was deleted midway. */

import { portKeys } from '../facts/backends.ts';
import { ownAnnotations, type ServiceFacts } from '../facts/service-facts.ts';
import { formatRefusals } from '../facts/service-format.ts';
import { ordinalSet, ordinalsText } from '../target/ordinals.ts';
import { type Advice, kubectl } from '../values/command.ts';
import { annotationText } from './annotation-text.ts';
import { keysNaming, zerosOn } from './drain-set.ts';
import { parseRsWeight, RS_WEIGHT_ANNOTATION, type RsWeight } from './rs-weight.ts';

export interface LeftBehind {
  service: string;
  /** The rest that the Service still holds, as a sentence without its end. */
  text: string;
  /** The command that clears it by hand. */
  command: Advice;
}

/** Whether a Service keeps anything of the StatefulSet `name`: bookkeeping of this program, or an entry at weight 0. */
export const holdsWeights = (service: ServiceFacts, name: string): boolean => {
  const { former, canary, blank } = ownAnnotations(name);
  return (
    [former, canary, blank].some((key) => service.annotations[key] !== undefined) || leftOn(service, name) !== undefined
  );
};

/** The ordinals that one Service still holds at weight 0 for the StatefulSet `name`; undefined: nothing, or an annotation that cannot be read. */
export function leftOn(service: ServiceFacts, name: string): LeftBehind | undefined {
  const document = readable(service.weightText, service.name);
  const drained = ordinalSet(keysNaming(document, name).flatMap((key) => zerosOn(document, key, name)));
  if (drained.length === 0 || document === undefined) return undefined;
  return {
    service: service.name,
    text: `service/${service.name} still holds weight 0 for ${ordinalsText(drained)} of it`,
    command: clearing(service, name, document),
  };
}

/** Takes out what is of this StatefulSet alone: others behind the same Service may be in the middle of their own drain. */
function clearing(service: ServiceFacts, name: string, document: RsWeight): Advice {
  const keys = ownAnnotations(name);
  const kept = formatRefusals(service, name).length > 0 ? undefined : service.annotations[keys.former];
  const former = kept === undefined || kept === '' ? undefined : readable(kept, service.name);
  if (kept === undefined || (kept !== '' && former === undefined))
    return kubectl('edit', 'service', service.name).note(
      `the former content of annotation ${RS_WEIGHT_ANNOTATION} is not kept`,
    );
  const text = annotationText({
    current: { text: service.weightText ?? '', document },
    former: former === undefined ? null : { text: kept, document: former },
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
  return kubectl('annotate', 'service', service.name, '--overwrite', ...words).note(
    `without the weights of statefulset/${name}`,
  );
}

/** Undefined too for an annotation that cannot be read. */
function readable(text: string | undefined, service: string): RsWeight | undefined {
  try {
    return text === undefined ? undefined : parseRsWeight(text, service);
  } catch {
    return undefined;
  }
}
