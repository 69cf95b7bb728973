/** The load balancers of a history: what each listener binds, how it shares new connections out, and what it meters. */
import type { Backend, Listener, Network } from './backend.ts';
import { ClientSessions } from './client-sessions.ts';
import { Meter } from './meter.ts';
import { OpenConnections } from './open-connections.ts';

/** Shorter than the shortest window that operators ask for. */
const LATE_MS = 1_500;
const LATE_WEIGHT = 10;
const PROBING_MS = 2_000;

const keyOf = ({ address, port, rule }: Pick<Backend, 'address' | 'port' | 'rule'>): string =>
  `${rule} ${address}:${port}`;

export class Balancers {
  readonly listeners: Listener[] = [];
  readonly connections: OpenConnections;
  /** Backends that were bound once: Cloud Monitor keeps their series. */
  readonly metered = new Map<string, { listener: Listener; backend: Backend }>();
  /** OpenConnections that found no pod to answer. */
  refused = 0;
  readonly #network: Network;
  readonly #sessions: ClientSessions;

  constructor(network: Network) {
    this.#network = network;
    this.#sessions = new ClientSessions(network.clock, network.dice);
    this.connections = new OpenConnections(network, (listener) => this.arrive(listener));
  }

  add(listener: Omit<Listener, 'backends'>): Listener {
    const whole = { ...listener, backends: new Map() };
    this.listeners.push(whole);
    return whole;
  }

  /** On every rule of a layer-7 listener, as the service-controller does it. */
  bind(listener: Listener, address: string, port: number, weight: number): void {
    for (const rule of rulesOf(listener)) this.#bind(listener, { address, port, rule }, weight);
  }

  #bind(listener: Listener, place: Pick<Backend, 'address' | 'port' | 'rule'>, weight: number): void {
    const nowMs = this.#network.clock.now();
    const known = listener.backends.get(keyOf(place));
    if (known !== undefined) {
      this.#weigh(known, weight, false);
      return;
    }
    // Cloud Monitor counts all rules of a listener together.
    const sibling = [...listener.backends.values()].find((each) => isAt(each, place.address, place.port));
    const backend: Backend = {
      ...place,
      weight,
      sendingSinceMs: weight > 0 ? nowMs : undefined,
      droppedAtMs: Number.NEGATIVE_INFINITY,
      isOverridden: false,
      registeredAtMs: nowMs,
      meter: sibling?.meter ?? new Meter(nowMs, this.#network.periodMs),
    };
    listener.backends.set(keyOf(place), backend);
    this.metered.set(`${listener.id} ${place.address}:${place.port}`, { listener, backend });
  }

  /** As its probes find it: three good ones make it alive. */
  healthOf({ address, registeredAtMs }: Backend): 'probing' | 'alive' | 'dead' {
    const { clock, podAt } = this.#network;
    if (clock.now() - registeredAtMs < PROBING_MS) return 'probing';
    return podAt(address)?.ready === true ? 'alive' : 'dead';
  }

  /** OpenConnections of layer 4 stop at once, as Tencent documents it. */
  unbind(listener: Listener, address: string, port: number): void {
    for (const backend of [...listener.backends.values()].filter((each) => isAt(each, address, port))) {
      listener.backends.delete(keyOf(backend));
      this.connections.endOf(backend);
    }
  }

  /** A weight written past the service-controller; of a layer-7 listener on one rule alone. */
  overrideWeight(address: string, weight: number): void {
    for (const listener of this.listeners)
      for (const backend of listener.backends.values())
        if (backend.address === address && backend.rule === rulesOf(listener).at(-1))
          this.#weigh(backend, weight, true);
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
    const rules = rulesOf(listener);
    const rule = rules[rules.length === 1 ? 0 : Math.floor(dice.roll(`rule ${listener.id}`) * rules.length)];
    const open = [...listener.backends.values()].filter((each) => each.rule === rule && share(each) > 0);
    const alive = open.filter((each) => this.healthOf(each) === 'alive');
    const pool = alive.length > 0 ? alive : open;
    const total = pool.reduce((sum, each) => sum + share(each), 0);
    let rest = dice.roll(`choose ${listener.id}`) * total;
    const drawn = pool.find((each) => {
      rest -= share(each);
      return rest < 0;
    });
    const { clients } = this.#network;
    const isPersisted = clients === 'persisted' || clients === 'returning';
    const { backend, isPastWeight } = (isPersisted
      ? this.#sessions.choose(listener, pool, drawn, clients)
      : undefined) ?? { backend: drawn, isPastWeight: false };
    const pod = backend === undefined ? undefined : podAt(backend.address);
    if (backend === undefined || pod === undefined) {
      this.refused += 1;
      return;
    }
    this.connections.open(pod.uid, backend.port, { listener, backend, isPastWeight });
  }

  /** A client inside the cluster, which no load balancer knows. */
  arriveInside(podUid: string, port: number): void {
    this.connections.open(podUid, port, undefined);
  }
}

const rulesOf = ({ rules }: Listener): readonly string[] => (rules.length === 0 ? [''] : rules);

const isAt = (backend: Backend, address: string, port: number): boolean =>
  backend.address === address && backend.port === port;
