/** Which containers of a pod may be asked for its sockets: they all share one network. */
import { field, list, text } from '../../core/values/read.ts';
import type { KubeObject } from '../../ports.ts';

/** Sidecars that take over the pod's incoming connections: clients then hold theirs with the sidecar, on another port. */
const REDIRECTING: ReadonlySet<string> = new Set(['istio-proxy', 'linkerd-proxy', 'kuma-sidecar', 'envoy-sidecar']);

const running = (statuses: readonly unknown[]): string[] =>
  statuses
    .filter((status) => field(status, 'state', 'running') !== undefined)
    .flatMap((status) => text(status, 'name') ?? []);

/** Names of running containers: the owner of the port first, then ephemeral ones, which were put there to look, then the others. */
export function candidateContainers(pod: KubeObject, owner: string | undefined): string[] {
  const names = [
    ...running(list(pod, 'status', 'containerStatuses')),
    ...running(list(pod, 'status', 'initContainerStatuses')),
  ];
  const ephemeral = running(list(pod, 'status', 'ephemeralContainerStatuses'));
  const own = names.filter((name) => name === owner);
  return [...own, ...ephemeral, ...names.filter((name) => name !== owner)];
}

/** The names of all containers of the pod's spec, ephemeral ones apart, in their order. */
export const containerNames = (pod: KubeObject): string[] =>
  [...list(pod, 'spec', 'containers'), ...list(pod, 'spec', 'initContainers')].flatMap(
    (each) => text(each, 'name') ?? [],
  );

/** The sidecar that hides the pod's connections, if there is one. */
export const redirectingSidecar = (pod: KubeObject): string | undefined =>
  containerNames(pod).find((name) => REDIRECTING.has(name));
