/** Whether a load balancer is through with what a Service asks for: what has to be so before anybody may count on its backends. */
import type { KubeObject } from '../../../lib/ports.ts';
import type { Clb } from '../../clb/balancers/balancers.ts';
import { findBalancer } from '../listeners/ensure-balancer.ts';
import { planListeners } from '../listeners/plan-listeners.ts';
import { listenersOwnedBy } from '../listeners/sync-listeners.ts';
import { asksForPods } from './direct-access.ts';
import { backendOf, selects } from './plan-targets.ts';

/**
 * Whether every listener of the Service has each of these pods that it is to bind, and probes no backend any more: each is
 * alive, dead or not checked. The readiness gate does not say so: the first Service that finds a pod healthy opens it for
 * all of them. Throws SyncError as `planListeners` does.
 */
export function isBound(clb: Clb, service: KubeObject, pods: readonly KubeObject[], nowMs: number): boolean {
  const balancer = findBalancer(clb, service);
  const owned = balancer === undefined ? [] : listenersOwnedBy(balancer, service.metadata.uid ?? '');
  if (owned.some(({ targets }) => targets.some(({ health }) => health === 'probing'))) return false;
  const selected = asksForPods(service) ? pods.filter((pod) => selects(service, pod)) : [];
  return planListeners(service).every(({ port, protocol, targetType, servicePort }) => {
    const listener = owned.find((each) => each.port === port && each.protocol === protocol);
    if (listener === undefined || targetType !== 'NODE') return listener !== undefined;
    return selected.every((pod) => {
      const backend = backendOf(pod, servicePort, nowMs);
      // By its uid: another pod may have had the address before.
      return backend === undefined || listener.targets.some(({ tag }) => tag === pod.metadata.uid);
    });
  });
}
