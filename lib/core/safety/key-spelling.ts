/** Keys of the weight annotation that mean a port of the Service, and are not spelled as it spells them. */

import type { Refusal } from '../errors.ts';
import { portKeys } from '../facts/backends.ts';
import type { ServiceFacts } from '../facts/service-facts.ts';
import { kubectl } from '../values/command.ts';
import { keyText, RS_WEIGHT_ANNOTATION, readRsWeight, type WeightGroup } from '../weights/rs-weight.ts';

/** TKE documents the key with the protocol in capitals; a controller that compares the letters ignores every weight under another spelling. */
export function spellingRule(service: ServiceFacts): Refusal[] {
  const ports = portKeys(service);
  return groupsOf(service.weightText).flatMap((group, at): Refusal[] => {
    const { proto: found, port } = group.key;
    const accepted = ports.find((key) => keyText(key) === keyText(group.key))?.proto;
    if (accepted === undefined || accepted === found) return [];
    return [
      {
        rule: 'key-spelling',
        message: `service/${service.name}: annotation ${RS_WEIGHT_ANNOTATION} has groups[${at}].key {"proto": ${JSON.stringify(found)}, "port": ${port}}: the accepted spelling is "${accepted}", and the weights of this group may not be applied`,
        cure: kubectl('edit', 'service', service.name).note(
          `write "proto": "${accepted}" in groups[${at}].key; the weights of this group take effect then`,
        ),
      },
    ];
  });
}

/** Of an annotation that can be read; another one is refused where it is parsed. */
function groupsOf(text: string | undefined): readonly WeightGroup[] {
  try {
    return text === undefined ? [] : (readRsWeight(text).groups ?? []);
  } catch {
    return [];
  }
}
