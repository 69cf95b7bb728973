import type { Clb } from '../../clb/balancers/balancers.ts';
import type { Balancer } from '../../clb/balancers/cloud-balancer.ts';
import type { SyncContext } from '../sync-service.ts';
import { runTask } from './cloud-tasks.ts';
import { isCreatedFor } from './ensure-balancer.ts';
import { listenersOwnedBy } from './sync-listeners.ts';

/** Balancers made for the Service with this uid, or carrying a listener of it. */
export function balancersOf(clb: Clb, serviceUid: string): Balancer[] {
  return clb.balancers.filter(
    (balancer) => isCreatedFor(balancer, serviceUid) || listenersOwnedBy(balancer, serviceUid).length > 0,
  );
}

/** Removes a Service's listeners from every balancer, and the balancer that was made for it. */
export async function releaseService(
  { clb, clock, signal }: Pick<SyncContext, 'clb' | 'clock' | 'signal'>,
  serviceUid: string,
): Promise<void> {
  for (const balancer of balancersOf(clb, serviceUid)) {
    if (isCreatedFor(balancer, serviceUid)) {
      await runTask(() => clb.deleteBalancer(balancer.id), clock, signal);
      continue;
    }
    const ids = listenersOwnedBy(balancer, serviceUid).map(({ id }) => id);
    await runTask(() => clb.deleteListeners(balancer.id, ids), clock, signal);
  }
}
