/** The open connections of a history: each begins with a client, lasts as long as it has to, and is metered where it came through a load balancer. */
import type { Backend, Listener, Network } from './backend.ts';
import type { Meter } from './meter.ts';

/** One client's connection to a pod. `listener` undefined: it came past every load balancer, from inside the cluster. */
export interface Connection {
  id: number;
  podUid: string;
  port: number;
  listener: string | undefined;
  startMs: number;
  peer: string;
  /** Sent by a weight that somebody wrote past the controller, or by a session to a backend of weight 0. */
  isUnforeseen: boolean;
  /** On layer 7, which keeps it for the next request. */
  isIdle: boolean;
}

/** How a client has come to a pod. */
export interface Arrival {
  listener: Listener;
  backend: Backend;
  /** By its session alone: the backend gets nothing new. */
  isPastWeight: boolean;
}

/** Layer 7 keeps a connection to a pod for so long after its last request. */
const KEPT_MS = 4_000;
/** The share of a pool's clients that come again: the rest has gone home. */
const POOL_RETURNS = 0.7;

export class OpenConnections {
  readonly #open = new Map<number, Connection>();
  readonly #meters = new Map<number, Meter>();
  readonly #network: Network;
  readonly #arrive: (listener: Listener) => void;
  #serial = 0;

  /** `arrive`: the load balancer sends another client. */
  constructor(network: Network, arrive: (listener: Listener) => void) {
    this.#network = network;
    this.#arrive = arrive;
  }

  on(podUid: string): Connection[] {
    return [...this.#open.values()].filter((connection) => connection.podUid === podUid);
  }

  open(podUid: string, port: number, by: Arrival | undefined): void {
    const { clock, dice, longestMs } = this.#network;
    const startMs = clock.now();
    const lastsMs = dice.heavyTailed('connection', 1_500, longestMs);
    const kept = by === undefined ? undefined : this.#kept(by);
    if (kept !== undefined) {
      kept.isIdle = false;
      clock.after(lastsMs, () => this.#over(kept.id, by), true);
      return;
    }
    this.#serial += 1;
    const id = this.#serial;
    this.#open.set(id, {
      id,
      podUid,
      port,
      listener: by?.listener.id,
      startMs,
      peer: `192.0.2.${1 + (id % 250)}`,
      isUnforeseen: by !== undefined && (by.backend.isOverridden || by.isPastWeight),
      isIdle: false,
    });
    if (by !== undefined) {
      by.backend.meter.change(startMs, 1);
      this.#meters.set(id, by.backend.meter);
    }
    clock.after(lastsMs, () => this.#over(id, by), true);
  }

  /** The backend is bound no longer. */
  endOf({ meter }: Backend): void {
    for (const [id, each] of [...this.#meters]) if (each === meter) this.#end(id);
  }

  /** The pod is gone, or its container: its connections end. */
  cut(podUid: string): void {
    for (const { id } of this.on(podUid)) this.#end(id);
  }

  /** Clients of pods that get nothing new go home. */
  endAll(): void {
    for (const id of [...this.#open.keys()]) this.#end(id);
  }

  /** A connection of layer 7 that waits for the next request to this backend. */
  #kept({ listener, backend }: Arrival): Connection | undefined {
    if (listener.rules.length === 0) return undefined;
    return [...this.#open.values()].find(({ id, isIdle }) => isIdle && this.#meters.get(id) === backend.meter);
  }

  /** The client has what it came for. */
  #over(id: number, by: Arrival | undefined): void {
    const { clock, dice, clients } = this.#network;
    const connection = this.#open.get(id);
    if (connection === undefined) return;
    if (by === undefined || by.listener.rules.length === 0) this.#end(id);
    else {
      connection.isIdle = true;
      clock.after(KEPT_MS, () => connection.isIdle && this.#end(id), true);
    }
    // A pool opens another connection in the place of the one that has ended.
    if (by !== undefined && clients === 'pooled' && dice.roll('pool') < POOL_RETURNS) this.#arrive(by.listener);
  }

  #end(id: number): void {
    const connection = this.#open.get(id);
    if (connection === undefined) return;
    this.#open.delete(id);
    this.#meters.get(id)?.change(this.#network.clock.now(), -1);
    this.#meters.delete(id);
  }
}
