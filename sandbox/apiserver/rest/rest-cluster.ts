import type { Store } from '../store/store.ts';
import type { ServiceAddresses } from './write/service-addresses.ts';

/** The state that the verbs work on: the state, the clock, and the addresses that Services are given. */
export interface RestCluster {
  readonly store: Store;
  readonly addresses: ServiceAddresses;
  /** Milliseconds since the epoch. */
  now(): number;
}
