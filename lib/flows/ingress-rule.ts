/** Ingresses that lead to the target's pods: their traffic does not ask the weight annotation of a Service. */
import { field, list, text, texts } from '../core/read.ts';
import type { StatefulSetFacts } from '../core/stateful-set.ts';
import { type Refusal, StatusError } from '../errors.ts';
import type { KubeObject, World } from '../ports.ts';
import { INGRESSES, SERVICES } from '../resources.ts';

/**
 * Refuses for every Ingress that has a backend Service, of whatever type, that selects the pods. Who may not list
 * Ingresses, or has none in the cluster, is told so and let pass: the gate before every deletion counts connections anyway.
 */
export async function ingressRule(world: World, set: StatefulSetFacts): Promise<Refusal[]> {
  try {
    const [ingresses, services] = await Promise.all([
      world.kube.list(INGRESSES, { signal: world.signal }),
      world.kube.list(SERVICES, { signal: world.signal }),
    ]);
    const leading = new Set(
      services.items.filter((service) => selects(service, set)).map((service) => service.metadata.name),
    );
    return ingresses.items.flatMap((ingress) => {
      const through = backendsOf(ingress).filter((name) => leading.has(name));
      return through.length === 0 ? [] : [refusal(ingress.metadata.name, [...new Set(through)], set)];
    });
  } catch (error) {
    if (!(error instanceof StatusError) || (error.httpStatus !== 403 && error.httpStatus !== 404)) throw error;
    world.report.trace(1, `whether an Ingress leads to the pods is unknown: ${error.message}`);
    return [];
  }
}

const refusal = (ingress: string, services: readonly string[], set: StatefulSetFacts): Refusal => ({
  rule: 'no-ingress',
  message: `ingress/${ingress} leads to the pods of statefulset/${set.name} through service/${services.join(', service/')}: weights of its own decide there, and draining the Services would not stop its traffic`,
  override: '--ignore-ingress',
});

/** A missing or empty selector selects nothing (Kubernetes: a Service without selector has no endpoints of its own). */
function selects(service: KubeObject, set: StatefulSetFacts): boolean {
  const wanted = Object.entries(texts(service, 'spec', 'selector'));
  return wanted.length > 0 && wanted.every(([key, value]) => set.templateLabels[key] === value);
}

function backendsOf(ingress: KubeObject): string[] {
  const paths = list(ingress, 'spec', 'rules').flatMap((rule) => list(rule, 'http', 'paths'));
  const backends = [field(ingress, 'spec', 'defaultBackend'), ...paths.map((path) => field(path, 'backend'))];
  return backends.flatMap((backend) => text(backend, 'service', 'name') ?? []);
}
