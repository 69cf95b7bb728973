/** The health that was read a moment ago, for a look that did not ask for it. Pure. */

import type { BackendState, BalancerState, ListenerState } from './balancer-state.ts';

const keyOf = ({ listenerId, ruleId, address, port }: BackendState): string =>
  `${listenerId} ${ruleId} ${address} ${port}`;

/** Backends whose health is unknown get the one of `before`; one that was not bound then stays unknown. */
export function withHealthOf(before: BalancerState, now: BalancerState): BalancerState {
  if (source.get(before.listeners) === now.listeners) return { ...now, listeners: before.listeners };
  const listeners = carried(before, now);
  source.set(listeners, now.listeners);
  return { ...now, listeners };
}

/** The listeners that a health was carried to: the same ones again would come to the same. */
const source = new WeakMap<readonly ListenerState[], readonly ListenerState[]>();

function carried(before: BalancerState, now: BalancerState): readonly ListenerState[] {
  const known = new Map(
    before.listeners.flatMap(({ backends }) => backends.map((backend) => [keyOf(backend), backend.health] as const)),
  );
  return now.listeners.map((listener) => ({
    ...listener,
    backends: listener.backends.map((backend) =>
      backend.health === 'unknown' ? { ...backend, health: known.get(keyOf(backend)) ?? 'unknown' } : backend,
    ),
  }));
}
