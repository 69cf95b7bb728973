/** Ingresses that lead to the target's pods: their traffic does not ask the weight annotation of a Service. */
import type { Refusal } from '../errors.ts';
import { field, list, text } from '../values/read.ts';
import type { KubeObject } from './kube-object.ts';

/** One refusal for every Ingress that has one of these Services, which select the pods, as a backend. */
export function ingressRefusals(
  ingresses: readonly KubeObject[],
  selecting: readonly string[],
  statefulSet: string,
): Refusal[] {
  return ingresses.flatMap((ingress) => {
    const through = new Set(backendsOf(ingress).filter((name) => selecting.includes(name)));
    return through.size === 0 ? [] : [refusal(ingress.metadata.name, [...through], statefulSet)];
  });
}

const refusal = (ingress: string, services: readonly string[], statefulSet: string): Refusal => ({
  rule: 'no-ingress',
  message: `ingress/${ingress} leads to the pods of statefulset/${statefulSet} through service/${services.join(', service/')}: its own weights decide there, and draining the Services would not stop its traffic`,
  override: '--ignore-ingress',
  price: 'the Ingress keeps sending, and connections through it are cut',
});

function backendsOf(ingress: KubeObject): string[] {
  const paths = list(ingress, 'spec', 'rules').flatMap((rule) => list(rule, 'http', 'paths'));
  const backends = [field(ingress, 'spec', 'defaultBackend'), ...paths.map((path) => field(path, 'backend'))];
  return backends.flatMap((backend) => text(backend, 'service', 'name') ?? []);
}
