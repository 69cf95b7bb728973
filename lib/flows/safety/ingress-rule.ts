/** The rule about Ingresses before the target's pods, asked of the cluster. */

import { type Refusal, StatusError } from '../../core/errors.ts';
import { ingressRefusals } from '../../core/facts/ingress.ts';
import type { StatefulSetFacts } from '../../core/target/stateful-set-facts.ts';
import { texts } from '../../core/values/read.ts';
import { INGRESSES, SERVICES } from '../../ports/resources.ts';
import type { KubeObject, World } from '../../ports.ts';

/**
 * Refuses for every Ingress that has a backend Service, of whatever type, that selects the pods. Warns, and
 * refuses nothing, when the operator may not list them or the cluster does not serve them: the connections are counted before
 * every deletion anyway. With `ignoreIngress` it asks nothing.
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
    world.report.warn(`whether an Ingress leads to the pods of statefulset/${set.name} is unknown: ${error.message}`);
    return [];
  }
}

/** A missing or empty selector selects nothing (Kubernetes: a Service without selector has no endpoints of its own). */
function selects(service: KubeObject, set: StatefulSetFacts): boolean {
  const wanted = Object.entries(texts(service, 'spec', 'selector'));
  return wanted.length > 0 && wanted.every(([key, value]) => set.templateLabels[key] === value);
}
