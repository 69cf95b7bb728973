/** Two listeners on one Service port that have the same key in the weight annotation. */
import type { Refusal } from '../errors.ts';
import type { ServiceFacts } from '../facts/service-facts.ts';
import { carrierOf, SPECIFY_PROTOCOL, sharedCarrier, specifiedProtocols } from '../facts/specify-protocol.ts';
import { kubectl } from '../values/command.ts';
import { RS_WEIGHT_ANNOTATION } from '../weights/rs-weight.ts';

/** Two listeners of one port that have the same key: which of them a weight is for cannot be said. */
export function protocolRule({ name, annotations }: ServiceFacts): Refusal[] {
  const specified = specifiedProtocols(annotations[SPECIFY_PROTOCOL]);
  return [...specified].flatMap(([port, protocols]): Refusal[] => {
    const shared = sharedCarrier(protocols);
    if (shared === undefined) return [];
    return [
      {
        rule: 'specify-protocol',
        message: `service/${name} asks for ${shared.join(' and ')} listeners on one port ${port} (annotation ${SPECIFY_PROTOCOL}): ${RS_WEIGHT_ANNOTATION} has one key ${carrierOf(shared[0] ?? '')}/${port} for them, and cannot drain each`,
        cure: kubectl('edit', 'service', name).note(
          `give each of ${shared.join(', ')} a Service port of its own under spec.ports, with a number of its own, and name it alone in ${SPECIFY_PROTOCOL}`,
        ),
      },
    ];
  });
}
