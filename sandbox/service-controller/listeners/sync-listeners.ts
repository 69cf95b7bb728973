import type { Clock } from '../../../lib/ports.ts';
import type { Clb } from '../../clb/balancers/balancers.ts';
import type { Balancer } from '../../clb/balancers/cloud-balancer.ts';
import type { Listener } from '../../clb/balancers/listener.ts';
import { SyncError } from '../sync-error.ts';
import { runTask } from './cloud-tasks.ts';
import type { WantedListener } from './plan-listeners.ts';

/** The listeners of one Service on a balancer that it may share with others. */
export const listenersOwnedBy = (balancer: Balancer, owner: string): Listener[] =>
  [...balancer.listeners.values()].filter((listener) => listener.owner === owner);

const isFor = (listener: Listener, wanted: WantedListener): boolean =>
  listener.port === wanted.port &&
  listener.protocol === wanted.protocol &&
  listener.rules.map(({ domain }) => domain).join() === ruleDomains(wanted).join();

const isLayer7 = ({ protocol }: WantedListener): boolean => protocol === 'HTTP' || protocol === 'HTTPS';

const ruleDomains = (wanted: WantedListener): readonly string[] => {
  if (!isLayer7(wanted)) return [];
  return wanted.hosts.length === 0 ? ['default'] : wanted.hosts;
};

/** The changes after which a Service has exactly its listeners. */
export interface ListenerChanges {
  remove: Listener[];
  retype: { listener: Listener; wanted: WantedListener }[];
  create: WantedListener[];
}

/** Throws SyncError when a wanted port is another Service's on a shared balancer. */
export function planListenerChanges(
  balancer: Balancer | undefined,
  owner: string,
  wanted: readonly WantedListener[],
): ListenerChanges {
  const owned = balancer === undefined ? [] : listenersOwnedBy(balancer, owner);
  const create = wanted.filter((one) => !owned.some((listener) => isFor(listener, one)));
  for (const { port, protocol } of create) {
    const taken = balancer?.listenerAt(port, protocol);
    if (taken === undefined || taken.owner === owner) continue;
    throw new SyncError('E4005', `${protocol}:${port} of ${balancer?.id} is in use by another listener`);
  }
  return {
    remove: owned.filter((listener) => !wanted.some((one) => isFor(listener, one))),
    retype: wanted.flatMap((one) => {
      const listener = owned.find((other) => isFor(other, one));
      return listener !== undefined && listener.settings.targetType !== one.targetType
        ? [{ listener, wanted: one }]
        : [];
    }),
    create,
  };
}

/** Carries the changes out, one task after the other. */
export async function applyListenerChanges(
  clb: Clb,
  balancerId: string,
  owner: string,
  { remove, retype, create }: ListenerChanges,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<void> {
  if (remove.length > 0) {
    const ids = remove.map(({ id }) => id);
    await runTask(() => clb.deleteListeners(balancerId, ids), clock, signal);
  }
  for (const { listener, wanted } of retype) {
    const change = { targetType: wanted.targetType };
    await runTask(() => clb.modifyListener(balancerId, listener.id, change), clock, signal);
  }
  if (create.length === 0) return;
  const options = create.map((wanted) => ({
    protocol: wanted.protocol,
    port: wanted.port,
    targetType: wanted.targetType,
    rules: ruleDomains(wanted).map((domain) => ({ domain })),
    owner,
  }));
  await runTask(() => clb.createListeners(balancerId, options), clock, signal);
}
