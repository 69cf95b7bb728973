/** A service that is whole, and where it is reached: what a rehearsal begins from. */
import { list, text } from '../../lib/core/values/read.ts';
import { PODS, SERVICES } from '../../lib/ports/resources.ts';
import type { KubeObject } from '../../lib/ports.ts';
import { isReady, until } from '../start/await-ready.ts';
import type { RehearsalCluster } from '../start/start-cluster.ts';

/** Waits until `replicas` pods with the label `app` are all there is, ready, and alive in the load balancer's eyes. */
export async function bound(
  cluster: RehearsalCluster,
  app: string,
  replicas: number,
  signal: AbortSignal,
): Promise<void> {
  await until(
    `every pod of ${app} healthy at the load balancer`,
    async () => {
      const pods = await cluster.kube.list(PODS, { labelSelector: `app=${app}` });
      return pods.items.length === replicas && pods.items.every((pod) => isReady(pod) && gatesMet(pod));
    },
    signal,
  );
}

const gatesMet = (pod: KubeObject): boolean =>
  list(pod, 'spec', 'readinessGates').every((gate) =>
    list(pod, 'status', 'conditions').some(
      (condition) => text(condition, 'type') === text(gate, 'conditionType') && text(condition, 'status') === 'True',
    ),
  );

/** Where the load balancer of the Service accepts connections. Throws when it has no listener on port 80. */
export async function frontDoor(cluster: RehearsalCluster, name: string): Promise<{ host: string; port: number }> {
  const service = await cluster.kube.get(SERVICES, name);
  const id = service.metadata.annotations?.['service.kubernetes.io/loadbalance-id'] ?? '';
  const address = cluster.clb.addressOf(id, 80);
  if (address === undefined) throw new Error(`the load balancer of service/${name} has no listener on port 80`);
  return address;
}

/** The uid of each pod with the label `app`. */
export async function podUids(cluster: RehearsalCluster, app: string): Promise<Map<string, string>> {
  const pods = await cluster.kube.list(PODS, { labelSelector: `app=${app}` });
  return new Map(pods.items.map((pod) => [pod.metadata.name, pod.metadata.uid ?? '']));
}
