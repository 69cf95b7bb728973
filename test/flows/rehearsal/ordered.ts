/** A StatefulSet with OrderedReady, whose controller makes no pod before every lower one is ready. */

import { PODS, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { NEW_HASH, pod } from '../../builders.ts';
import { type Rehearsal, rehearse } from './rehearsal.ts';

type Status = { conditions: { type: string; status: string }[]; containerStatuses: Record<string, unknown>[] };

const statusOf = (object: KubeObject): Status => object['status'] as Status;

/** Ten pods; the controller makes at most one a second, for two hours. */
export function rehearseOrdered(): Rehearsal {
  const rehearsal = rehearse({ set: { podManagementPolicy: 'OrderedReady' } });
  const { kube, balancer, clock } = rehearsal;
  const [statefulSet] = kube.objects(STATEFUL_SETS);
  if (statefulSet === undefined) throw new Error('a rehearsal has a StatefulSet');
  kube.replacement = () => undefined;
  const isReady = (object: KubeObject) =>
    statusOf(object).conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
  const reconcile = (): void => {
    for (let ordinal = 0; ordinal < 10; ordinal++) {
      const found = kube.object(PODS, `nginx-${ordinal}`);
      if (found !== undefined && isReady(found)) continue;
      if (found !== undefined) return;
      balancer.health.delete(`nginx-${ordinal}`);
      kube.put(pod({ statefulSet, ordinal, revision: `nginx-${NEW_HASH}`, ip: `10.0.1.${10 + ordinal}` }));
      return;
    }
  };
  for (let atMs = 1_000; atMs < 7_200_000; atMs += 1_000) clock.at(atMs, reconcile);
  return rehearsal;
}

/** The pod is not ready, and dead at the load balancer, until it is replaced. */
export function fallsIll({ kube, balancer }: Rehearsal, name: string, reason = 'Error'): void {
  kube.edit(PODS, name, (object) => {
    const { conditions, containerStatuses } = statusOf(object);
    for (const condition of conditions) if (condition.type !== 'Initialized') condition.status = 'False';
    for (const container of containerStatuses)
      Object.assign(container, { ready: false, state: { waiting: { reason } } });
  });
  balancer.health.set(name, 'dead');
}
