import { Front } from '../data-plane/front.ts';
import { probe } from '../data-plane/health-probe.ts';
import { HttpFront } from '../data-plane/http-front.ts';
import { byAddressAlone, choose, eligible } from '../data-plane/schedule.ts';
import { Sessions } from '../data-plane/sessions.ts';
import type {
  ListenerFields,
  ListenerOptions,
  RuleOptions,
  SocketAddress,
  TargetOptions,
  TargetRef,
} from '../model.ts';
import type { CarriedConnection, DataPlane, Door, HttpDoor } from '../plane-world.ts';
import { assertSettings, assertWeight, carriesTcp } from '../settings.ts';
import { BalancerTarget } from './balancer-target.ts';
import { CloudFault } from './fault.ts';

/** A forwarding rule with its cloud id (`loc-…`). */
export interface Rule extends Required<RuleOptions> {
  readonly id: string;
}

const keyOf = (ref: { address: string; port: number; ruleId?: string | undefined }): string =>
  `${ref.ruleId ?? ''}|${ref.address}|${ref.port}`;

/** One listener of a balancer: its settings, its backends, the socket in front and the probes behind. */
export class Listener implements Door, HttpDoor {
  readonly id: string;
  readonly balancerId: string;
  readonly protocol: string;
  readonly port: number;
  readonly endPort: number;
  readonly owner: string | undefined;
  readonly createdAtMs: number;
  readonly rules: readonly Rule[];
  settings: ListenerFields;
  /** Where the listener can really be dialled; undefined when it carries no TCP. */
  address: SocketAddress | undefined;
  readonly #plane: DataPlane;
  readonly #targets = new Map<string, BalancerTarget>();
  readonly #sessions = new Sessions<BalancerTarget>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #front: Front | HttpFront | undefined;
  #carried: CarriedConnection | undefined;

  constructor(
    ids: { id: string; balancerId: string; rules: readonly Rule[] },
    options: ListenerOptions,
    settings: ListenerFields,
    plane: DataPlane,
  ) {
    this.id = ids.id;
    this.balancerId = ids.balancerId;
    this.rules = ids.rules;
    this.protocol = options.protocol;
    this.port = options.port;
    this.endPort = options.endPort ?? 0;
    this.owner = options.owner;
    this.settings = settings;
    this.createdAtMs = plane.now();
    this.#plane = plane;
  }

  get targets(): readonly BalancerTarget[] {
    return [...this.#targets.values()];
  }

  get idleTimeoutMs(): number {
    return this.settings.idleTimeoutSeconds * 1000;
  }

  get keepaliveMs(): number {
    return this.settings.keepaliveMs;
  }

  /** Opens the socket, where the protocol is carried, and begins to probe. */
  async open(vip: string): Promise<void> {
    if (!carriesTcp(this.protocol)) return;
    const isHttp = this.protocol === 'HTTP' && this.rules.length > 0;
    const { carrier } = this.#plane;
    if (carrier !== undefined && !isHttp) {
      const healthChanged = () => this.#plane.healthChanged(this.balancerId);
      this.#carried = await carrier.open({ vip, port: this.port, healthChanged, now: () => this.#plane.now() });
      this.address = this.#carried.address;
      return;
    }
    this.#front = isHttp ? new HttpFront(this, this.#plane) : new Front(this, this.#plane);
    this.address = await this.#front.open(vip);
  }

  /** Reads what the carrier shows of the backends now, if there is one. */
  async refresh(): Promise<void> {
    await this.#carried?.refresh();
  }

  /** Stops accepting, and cuts what is open. */
  async close(): Promise<void> {
    this.#front?.close();
    await this.#carried?.close();
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers.clear();
    for (const target of this.targets) this.#drop(target);
    this.#targets.clear();
  }

  admit(clientAddress: string): BalancerTarget | undefined {
    const { sessionExpireSeconds, scheduler, persistAtZeroWeight } = this.settings;
    if (scheduler === 'IP_HASH' && this.settings.hashIgnoresWeight) return byAddressAlone(this.targets, clientAddress);
    if (sessionExpireSeconds === 0) return choose(scheduler, eligible(this.#targets.values()), clientAddress);
    const nowMs = this.#plane.now();
    const kept = this.#sessions.lookup(clientAddress, nowMs);
    const stays = kept !== undefined && kept.health !== 'dead' && (kept.weight > 0 || persistAtZeroWeight);
    const target = stays ? kept : choose(scheduler, eligible(this.#targets.values()), clientAddress);
    if (target !== undefined) this.#sessions.keep(clientAddress, target, sessionExpireSeconds, nowMs);
    return target;
  }

  admitRequest(
    host: string,
    clientAddress: string,
    hasIdle: (target: BalancerTarget) => boolean,
  ): BalancerTarget | undefined {
    const rule = this.rules.find(({ domain }) => domain === host) ?? this.rules[0];
    const targets = this.targets.filter(({ ruleId }) => ruleId === rule?.id);
    const kept = this.settings.pooledAtZeroWeight
      ? targets.find((target) => target.weight === 0 && hasIdle(target))
      : undefined;
    return kept ?? choose(rule?.scheduler ?? this.settings.scheduler, eligible(targets), clientAddress);
  }

  find(ref: Omit<TargetRef, 'listenerId'>): BalancerTarget | undefined {
    return this.#targets.get(keyOf(ref));
  }

  /** Binds a backend; it is probed from now on. Throws InvalidParameterValue.Duplicate when it is bound already. */
  async bind(options: TargetOptions): Promise<void> {
    assertWeight(options.weight ?? 10);
    const key = keyOf(options);
    if (this.#targets.has(key)) {
      throw new CloudFault('InvalidParameterValue.Duplicate', `${options.address}:${options.port} is bound already.`);
    }
    const meter = this.#plane.meterOf(this.id, options.address, options.port);
    const target = new BalancerTarget(options, this.settings.health, meter, this.#plane.now());
    this.#targets.set(key, target);
    if (this.#carried !== undefined) {
      await this.#carried.bind(target, this.#plane.route(target.address, target.port), this.settings.health);
      return;
    }
    if (!this.settings.health.on) return;
    if (carriesTcp(this.protocol)) this.#probe(target);
    else target.assumeAlive();
  }

  /** Unbinds a backend and resets its connections at once (CLB documentation: weight 0 versus unbinding). */
  async unbind(ref: Omit<TargetRef, 'listenerId'>): Promise<void> {
    const target = this.find(ref);
    if (target === undefined) return;
    this.#targets.delete(keyOf(ref));
    await this.#carried?.unbind(target);
    this.#drop(target);
  }

  async setWeight(ref: Omit<TargetRef, 'listenerId'>, weight: number): Promise<void> {
    assertWeight(weight);
    const target = this.find(ref);
    if (target === undefined) {
      throw new CloudFault('InvalidParameter', `${ref.address}:${ref.port} is not bound on ${this.id}.`);
    }
    if (this.#carried !== undefined) {
      await this.#carried.setWeight(target, weight);
      return;
    }
    const drained = target.weight > 0 && weight === 0;
    target.weight = weight;
    if (drained && this.settings.flags.includes('RescheduleTargetZeroWeight')) this.#reschedule(target);
  }

  /** Changes settings; health check settings apply to backends bound from now on. */
  modify(change: Partial<ListenerFields>): void {
    const next = { ...this.settings, ...change };
    assertSettings(next);
    this.settings = next;
  }

  #drop(target: BalancerTarget): void {
    this.#sessions.forget(target);
    for (const cut of [...target.connections]) cut('unbound');
    const shared = this.targets.some((other) => other !== target && other.meter === target.meter);
    if (!shared) target.meter.stop(this.#plane.now());
  }

  #probe(target: BalancerTarget): void {
    const { health } = this.settings;
    let pending = false;
    const once = async (): Promise<void> => {
      if (pending) return;
      pending = true;
      const route = this.#plane.route(target.address, target.port);
      const answered = await probe(route, health.timeoutMs);
      pending = false;
      if (this.find(target) !== target) return;
      if (target.probed(answered)) this.#plane.healthChanged(this.balancerId);
    };
    const timer = setInterval(() => {
      if (this.find(target) === target) {
        void once();
        return;
      }
      clearInterval(timer);
      this.#timers.delete(timer);
    }, health.intervalMs);
    this.#timers.add(timer);
    void once();
  }

  /** Cuts the connections of a backend that was just given weight 0, spread over the interval (CLB API, RescheduleInterval). */
  #reschedule(target: BalancerTarget): void {
    const { rescheduleStartSeconds, rescheduleIntervalSeconds } = this.settings;
    const open = [...target.connections];
    open.forEach((cut, index) => {
      const delaySeconds = rescheduleStartSeconds + (rescheduleIntervalSeconds * index) / open.length;
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        if (target.weight === 0) cut('rescheduled');
      }, delaySeconds * 1000);
      this.#timers.add(timer);
    });
  }
}
