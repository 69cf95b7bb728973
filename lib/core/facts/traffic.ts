/** Where traffic goes: which weight each ordinal has, and which pods really take connections. */

import { formatOrdinals } from '../target/ordinals.ts';
import { notReadyBecause, type PodFacts } from '../target/pod.ts';
import { ordinalsOf, type StatefulSetFacts } from '../target/stateful-set-facts.ts';
import { wantedWeight } from '../weights/drain-set.ts';
import { keyText, type RsWeight } from '../weights/rs-weight.ts';
import { type Selection, selects } from './selection.ts';
import type { ServiceFacts } from './service-facts.ts';

/** One port of one Service. */
export interface Traffic {
  service: string;
  /** `TCP/80`. */
  listener: string;
  weights: readonly { weight: number; ordinals: readonly number[] }[];
  /** Weight above 0, ready, and staying. */
  serving: readonly number[];
  /** Weight above 0, but the pod is missing, terminating or not ready. */
  notServing: readonly number[];
}

/** As the annotations ask and the pods are; the load balancer is not asked. */
export function trafficOf(
  set: StatefulSetFacts,
  pods: readonly PodFacts[],
  services: readonly { service: ServiceFacts; selection: Selection; document: RsWeight | undefined }[],
): Traffic[] {
  const up = new Set(
    pods.filter((pod) => !pod.terminating && notReadyBecause(pod) === undefined).map(({ ordinal }) => ordinal),
  );
  const there = new Map(pods.map((pod) => [pod.ordinal, pod]));
  return services.flatMap(({ service, selection, document }) => {
    const isUp = (ordinal: number): boolean => up.has(ordinal);
    // A pod that is there has the labels that it has; of one that is not, what it will have.
    const leads = (ordinal: number): boolean => {
      const pod = there.get(ordinal);
      return pod === undefined ? selection.reaches(ordinal) : selects(service, pod);
    };
    return service.ports.map((port): Traffic => {
      const key = { proto: port.protocol, port: port.port };
      const all = ordinalsOf(set)
        .filter(leads)
        .map((ordinal) => ({
          ordinal,
          weight: wantedWeight(document, key, set.name, ordinal),
        }));
      const weighted = all.filter(({ weight }) => weight > 0).map(({ ordinal }) => ordinal);
      return {
        service: service.name,
        listener: keyText(key),
        weights: [...Map.groupBy(all, ({ weight }) => weight)]
          .map(([weight, here]) => ({ weight, ordinals: here.map(({ ordinal }) => ordinal) }))
          .sort((a, b) => b.weight - a.weight),
        serving: weighted.filter(isUp),
        notServing: weighted.filter((ordinal) => !isUp(ordinal)),
      };
    });
  });
}

/** One line per Service and port: `service/nginx TCP/80: weight 10 for 0-8, 0 for 9; serving: 0-8`. */
export function trafficLines(traffic: readonly Traffic[]): string[] {
  return traffic.map(({ service, listener, weights, serving, notServing }) => {
    const shares = weights.map(({ weight, ordinals }) => `${weight} for ${formatOrdinals(ordinals)}`).join(', ');
    const down = notServing.length === 0 ? '' : `; not ready, so without traffic: ${formatOrdinals(notServing)}`;
    return `service/${service} ${listener}: weight ${shares || 'for no pod'}; serving: ${formatOrdinals(serving) || 'none'}${down}`;
  });
}
