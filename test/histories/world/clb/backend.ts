/** The parts of a load balancer of a history, and what it stands in. */
import type { Setting } from '../../history.ts';
import type { Dice } from '../dice.ts';
import type { SimClock } from '../sim-clock.ts';
import type { Meter } from './meter.ts';

export interface Backend {
  address: string;
  port: number;
  /** Of a layer-7 listener; '' on layer 4. */
  rule: string;
  weight: number;
  /** Since when it gets new connections; undefined: it gets none. */
  sendingSinceMs: number | undefined;
  /** When its weight became 0: the last of the load balancer's machines learns it a moment later than it is shown. */
  droppedAtMs: number;
  /** Somebody has written the weight past the controller. */
  isOverridden: boolean;
  registeredAtMs: number;
  meter: Meter;
}

export interface Listener {
  id: string;
  balancerId: string;
  service: string;
  protocol: string;
  /** The protocol by which the weight annotation knows the port. */
  carrier: Setting['protocol'];
  port: number;
  /** Forwarding rules of layer 7, each with backends of its own; none on layer 4. */
  rules: readonly string[];
  backends: Map<string, Backend>;
}

export interface Network {
  clock: SimClock;
  dice: Dice;
  /** The pod that has this address now and accepts connections; undefined: there is none. */
  podAt(address: string): { uid: string; ready: boolean } | undefined;
  /** The longest that a connection lasts. */
  longestMs: number;
  /** Of Cloud Monitor. */
  periodMs: number;
  clients: Setting['clients'];
}
