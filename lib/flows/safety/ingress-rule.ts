/** The rule about Ingresses before the target's pods, asked of the cluster. */

import { type Refusal, StatusError } from '../../core/errors.ts';
import { ingressRefusals } from '../../core/facts/ingress.ts';
import type { StatefulSetFacts } from '../../core/target/stateful-set-facts.ts';
import { texts } from '../../core/values/read.ts';
import { INGRESSES, SERVICES } from '../../ports/resources.ts';
import type { KubeObject, World } from '../../ports.ts';

/**
 * Refuses for every Ingress that has a backend Service, of whatever type, that selects the pods. Who may not list
 * Ingresses, or has none in the cluster, is told so and let pass: the gate before every deletion counts connections anyway.
 * Not asked at all where the operator has said to ignore them.
 */
export async function ingressRule(
  world: World,
  set: StatefulSetFacts,
  { ignoreIngress }: { ignoreIngress?: boolean },
): Promise<Refusal[]> {
  if (ignoreIngress === true) return [];
  try {
    const [ingresses, services] = await Promise.all([
      world.kube.list(INGRESSES, { signal: world.signal }),
      world.kube.list(SERVICES, { signal: world.signal }),
    ]);
    const selecting = services.items.filter((service) => selects(service, set)).map(({ metadata }) => metadata.name);
    return ingressRefusals(ingresses.items, selecting, set.name);
  } catch (error) {
    if (!(error instanceof StatusError) || (error.httpStatus !== 403 && error.httpStatus !== 404)) throw error;
    world.report.trace(1, `whether an Ingress leads to the pods is unknown: ${error.message}`);
    return [];
  }
}

/** A missing or empty selector selects nothing (Kubernetes: a Service without selector has no endpoints of its own). */
function selects(service: KubeObject, set: StatefulSetFacts): boolean {
  const wanted = Object.entries(texts(service, 'spec', 'selector'));
  return wanted.length > 0 && wanted.every(([key, value]) => set.templateLabels[key] === value);
}
