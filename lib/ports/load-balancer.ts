/** The load balancer as the cloud shows it. */
import type { AddressBinding, BalancerRef, BalancerState, TriedAction } from '../core/facts/balancer-state.ts';

export type * from '../core/facts/balancer-state.ts';

export interface ObserveOptions {
  signal?: AbortSignal;
  /** false: every health may be 'unknown', which saves a call where only weights are wanted. */
  health?: boolean;
}

/** Reads weights and health as the load balancer itself shows them; it never writes. Failures are CloudErrors or ConnectionErrors. */
export interface LoadBalancer {
  observe(balancer: BalancerRef, options?: ObserveOptions): Promise<BalancerState>;
  /**
   * Every binding of these addresses in the VPC of this balancer's backends, on any load balancer of its region. `seen`: what was
   * read of load balancers a moment ago; where there are many addresses, it may be used instead of asking for each of them.
   */
  bindingsOf?(
    balancer: BalancerRef,
    addresses: readonly string[],
    options?: { signal?: AbortSignal; seen?: readonly BalancerState[] },
  ): Promise<readonly AddressBinding[]>;
  /** Calls every action that the program uses once, on this balancer; an action that fails is an answer, not an error. */
  tryActions?(balancer: BalancerRef, options?: { signal?: AbortSignal }): Promise<readonly TriedAction[]>;
}
