import type { BackendState, BalancerState, CountedBackend, ListenerState } from '../../../lib/ports.ts';
import { balancerState, listenerState } from '../../balancer-builder.ts';

export interface World {
  balancer?: Partial<BalancerState>;
  listener?: Partial<ListenerState>;
}

/** A TCP listener on 80 with three pods: 10.0.0.1 drained, 10.0.0.2 and 10.0.0.3 serving. */
export function pods({ balancer = {}, listener = {} }: World = {}): {
  drained: CountedBackend;
  siblings: CountedBackend[];
} {
  const id = listener.id ?? 'lbl-1';
  const bound = (address: string, weight: number): BackendState => ({
    listenerId: id,
    address,
    port: 80,
    weight,
    health: 'alive',
  });
  const full = listenerState({
    id,
    backends: [bound('10.0.0.1', 0), bound('10.0.0.2', 10), bound('10.0.0.3', 10)],
    ...listener,
  });
  const state = balancerState({ listeners: [full], ...balancer });
  const counted = (ordinal: number): CountedBackend => ({
    pod: `nginx-${ordinal}`,
    podUid: `uid-${ordinal}`,
    address: `10.0.0.${ordinal + 1}`,
    port: 80,
    listener: full,
    balancer: state,
  });
  return { drained: counted(0), siblings: [counted(1), counted(2)] };
}

/** The dimensions under which the cloud keeps the series of pod `ordinal`. */
export const dimensions = (ordinal: number, change: Record<string, string> = {}) => ({
  vip: '203.0.113.51',
  loadBalancerPort: '80',
  protocol: 'TCP',
  vpcId: '1111113',
  lanIp: `10.0.0.${ordinal + 1}`,
  port: '80',
  ...change,
});
