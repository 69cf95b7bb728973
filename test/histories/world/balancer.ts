/** The load balancers of a history: what each listener binds, how it shares new connections out, and what it meters. */
import type { Setting } from '../history.ts';
import type { Dice } from './dice.ts';
import { Meter } from './meter.ts';
import type { SimClock } from './sim-clock.ts';

export interface Backend {
  address: string;
  port: number;
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
  port: number;
  backends: Map<string, Backend>;
}

/** One client's connection to a pod. `listener` undefined: it came past every load balancer, from inside the cluster. */
export interface Connection {
  id: number;
  podUid: string;
  port: number;
  listener: string | undefined;
  startMs: number;
  endMs: number;
  peer: string;
  /** Sent by a weight that somebody wrote past the controller. */
  isOverridden: boolean;
}

/** Shorter than the shortest window that operators ask for. */
const LATE_MS = 1_500;
const LATE_WEIGHT = 10;
const PROBING_MS = 2_000;
/** A session that is persisted brings the client back to its backend for so long. */
const PERSISTED_MS = 30_000;
const PERSISTED_CLIENTS = 12;
/** The share of a pool's clients that come again: the rest has gone home. */
const POOL_RETURNS = 0.7;

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

const keyOf = (address: string, port: number): string => `${address}:${port}`;

export class Balancers {
  readonly listeners: Listener[] = [];
  readonly connections = new Map<number, Connection>();
  /** Backends that were bound once: Cloud Monitor keeps their series. */
  readonly metered = new Map<string, { listener: Listener; backend: Backend }>();
  /** Connections that found no pod to answer. */
  refused = 0;
  readonly #network: Network;
  #serial = 0;

  constructor(network: Network) {
    this.#network = network;
  }

  add(listener: Omit<Listener, 'backends'>): Listener {
    const whole = { ...listener, backends: new Map() };
    this.listeners.push(whole);
    return whole;
  }

  bind(listener: Listener, address: string, port: number, weight: number): void {
    const nowMs = this.#network.clock.now();
    const known = listener.backends.get(keyOf(address, port));
    if (known !== undefined) {
      this.#weigh(known, weight, false);
      return;
    }
    const backend: Backend = {
      address,
      port,
      weight,
      sendingSinceMs: weight > 0 ? nowMs : undefined,
      droppedAtMs: Number.NEGATIVE_INFINITY,
      isOverridden: false,
      registeredAtMs: nowMs,
      meter: new Meter(nowMs, this.#network.periodMs),
    };
    listener.backends.set(keyOf(address, port), backend);
    this.metered.set(`${listener.id} ${keyOf(address, port)}`, { listener, backend });
  }

  /** As its probes find it: three good ones make it alive. */
  healthOf({ address, registeredAtMs }: Backend): 'probing' | 'alive' | 'dead' {
    const { clock, podAt } = this.#network;
    if (clock.now() - registeredAtMs < PROBING_MS) return 'probing';
    return podAt(address)?.ready === true ? 'alive' : 'dead';
  }

  /** Connections of layer 4 stop at once, as Tencent documents it. */
  unbind(listener: Listener, address: string, port: number): void {
    const backend = listener.backends.get(keyOf(address, port));
    if (backend === undefined) return;
    listener.backends.delete(keyOf(address, port));
    for (const [id, meter] of [...this.#meters]) if (meter === backend.meter) this.#end(id);
  }

  /** A weight written past the service-controller. */
  overrideWeight(address: string, weight: number): void {
    for (const listener of this.listeners)
      for (const backend of listener.backends.values())
        if (backend.address === address) this.#weigh(backend, weight, true);
  }

  #weigh(backend: Backend, weight: number, isOverridden: boolean): void {
    const nowMs = this.#network.clock.now();
    const sinceMs = backend.sendingSinceMs ?? nowMs;
    if (backend.weight > 0 && weight === 0) backend.droppedAtMs = nowMs;
    Object.assign(backend, { weight, isOverridden, sendingSinceMs: weight > 0 ? sinceMs : undefined });
  }

  /** Backends of this address that get new connections. */
  sendingTo(address: string): Backend[] {
    return this.listeners.flatMap((listener) =>
      [...listener.backends.values()].filter((backend) => backend.address === address && backend.weight > 0),
    );
  }

  /** A client comes to the listener, and stays for a while. */
  arrive(listener: Listener): void {
    const { clock, dice, podAt } = this.#network;
    const share = (each: Backend): number =>
      each.weight > 0 ? each.weight : clock.now() - each.droppedAtMs < LATE_MS ? LATE_WEIGHT : 0;
    const open = [...listener.backends.values()].filter((each) => share(each) > 0);
    const alive = open.filter((each) => this.healthOf(each) === 'alive');
    const pool = alive.length > 0 ? alive : open;
    const total = pool.reduce((sum, each) => sum + share(each), 0);
    let rest = dice.roll(`choose ${listener.id}`) * total;
    const drawn = pool.find((each) => {
      rest -= share(each);
      return rest < 0;
    });
    const backend = this.#network.clients === 'persisted' ? this.#persisted(listener, pool, drawn) : drawn;
    const pod = backend === undefined ? undefined : podAt(backend.address);
    if (backend === undefined || pod === undefined) {
      this.refused += 1;
      return;
    }
    this.#connect(pod.uid, backend.port, { listener, backend });
  }

  /** The backend that this client's session is bound to, while new connections go there at all. */
  #persisted(listener: Listener, pool: readonly Backend[], drawn: Backend | undefined): Backend | undefined {
    const { clock, dice } = this.#network;
    const key = `${listener.id} ${Math.floor(dice.roll(`client ${listener.id}`) * PERSISTED_CLIENTS)}`;
    const known = this.#sessions.get(key);
    const isBound = known !== undefined && clock.now() - known.atMs < PERSISTED_MS && pool.includes(known.backend);
    const backend = isBound ? known.backend : drawn;
    if (backend !== undefined) this.#sessions.set(key, { backend, atMs: clock.now() });
    return backend;
  }

  /** A client inside the cluster, which no load balancer knows. */
  arriveInside(podUid: string, port: number): void {
    this.#connect(podUid, port, undefined);
  }

  openOn(podUid: string): Connection[] {
    return [...this.connections.values()].filter((connection) => connection.podUid === podUid);
  }

  /** The pod is gone, or its container: its connections end. */
  cut(podUid: string): void {
    for (const connection of this.openOn(podUid)) this.#end(connection.id);
  }

  /** Clients of pods that get nothing new go home. */
  endAll(): void {
    for (const id of [...this.connections.keys()]) this.#end(id);
  }

  readonly #meters = new Map<number, Meter>();
  readonly #sessions = new Map<string, { backend: Backend; atMs: number }>();

  #connect(podUid: string, port: number, by: { listener: Listener; backend: Backend } | undefined): void {
    const { clock, dice, longestMs } = this.#network;
    this.#serial += 1;
    const id = this.#serial;
    const startMs = clock.now();
    const lastsMs = dice.heavyTailed('connection', 1_500, longestMs);
    const peer = `192.0.2.${1 + (id % 250)}`;
    const connection: Connection = {
      id,
      podUid,
      port,
      listener: by?.listener.id,
      startMs,
      endMs: startMs + lastsMs,
      peer,
      isOverridden: by?.backend.isOverridden ?? false,
    };
    this.connections.set(id, connection);
    if (by !== undefined) {
      by.backend.meter.change(startMs, 1);
      this.#meters.set(id, by.backend.meter);
    }
    const ends = (): void => {
      if (!this.connections.has(id)) return;
      this.#end(id);
      // A pool opens another connection in the place of the one that has ended.
      if (by !== undefined && this.#network.clients === 'pooled' && dice.roll('pool') < POOL_RETURNS)
        this.arrive(by.listener);
    };
    clock.after(lastsMs, ends, true);
  }

  #end(id: number): void {
    const connection = this.connections.get(id);
    if (connection === undefined) return;
    this.connections.delete(id);
    this.#meters.get(id)?.change(this.#network.clock.now(), -1);
    this.#meters.delete(id);
  }
}
