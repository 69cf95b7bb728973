import { randomUUID } from 'node:crypto';
import { onLoopback } from '../../common/loopback.ts';
import type { Running } from '../../common/running.ts';
import { FateLog } from '../data-plane/fates.ts';
import { type MeteredBackend, Meters } from '../meters/meters.ts';
import type {
  BackendAddress,
  BalancerOptions,
  FateRecord,
  HealthCheckSettings,
  ListenerFields,
  ListenerOptions,
  SocketAddress,
  TargetOptions,
  TargetRef,
  TargetWeight,
} from '../model.ts';
import { type ClbOptions, defaultHealth, sampleSecondsFor } from '../options.ts';
import type { Carrier } from '../plane-world.ts';
import { listenerSettings, ruleSettings } from '../settings.ts';
import { Balancer } from './cloud-balancer.ts';
import { CloudFault } from './fault.ts';
import { newId } from './ids.ts';
import { Listener } from './listener.ts';
import { type Task, TaskBook, type TaskState } from './tasks.ts';

/**
 * Tencent's CLB as a real layer-4 proxy on loopback. Every change is an asynchronous task that takes effect after a lag;
 * while one runs, others on the same balancer fail with FailedOperation.ResourceInOperating (CLB API 2018-03-17).
 * Not modelled: UDP and QUIC traffic, TLS and HTTP handling of layer-7 listeners, MaxConn and MaxCps.
 */
export class Balancers implements Running {
  /** Changeable at any time. */
  lagMs: number;
  readonly monitorPeriodSeconds: number;
  /** Length of one sample of the meters. */
  readonly sampleSeconds: number;
  readonly now: () => number;
  readonly #random: () => number;
  readonly #vipPrefix: string;
  readonly #health: HealthCheckSettings;
  readonly #dialTimeoutMs: number;
  readonly #carrier: Carrier | undefined;
  readonly #balancers = new Map<string, Balancer>();
  readonly #tasks: TaskBook;
  readonly #fates: FateLog;
  readonly #routes = new Map<string, SocketAddress>();
  readonly #meters: Meters;
  readonly #healthWatchers = new Set<(balancerId: string) => void>();
  #vipsGiven = 0;

  constructor(options: ClbOptions = {}) {
    this.lagMs = options.lagMs ?? 200;
    this.monitorPeriodSeconds = options.monitorPeriodSeconds ?? 1;
    this.sampleSeconds = sampleSecondsFor(this.monitorPeriodSeconds);
    this.now = options.now ?? Date.now;
    this.#random = options.random ?? Math.random;
    this.#vipPrefix = options.vipPrefix ?? '127.88.0';
    this.#health = defaultHealth(options);
    this.#dialTimeoutMs = options.dialTimeoutMs ?? 15_000;
    this.#carrier = options.carrier;
    this.#fates = new FateLog(options.keptFates);
    this.#meters = new Meters(this.sampleSeconds);
    this.#tasks = new TaskBook(() => this.lagMs, randomUUID);
  }

  get balancers(): readonly Balancer[] {
    return [...this.#balancers.values()];
  }

  get meteredBackends(): Iterable<MeteredBackend> {
    return this.#meters.all;
  }

  /** A new balancer with id and VIP; it runs once the task is over. */
  createBalancer(options: BalancerOptions = {}): Task & { balancerId: string; vip: string } {
    this.#vipsGiven += 1;
    const vip = `${this.#vipPrefix}.${this.#vipsGiven}`;
    const balancer = new Balancer(newId('lb', this.#random), vip, options, this.now());
    this.#balancers.set(balancer.id, balancer);
    const task = this.#tasks.submit(balancer.id, () => {
      balancer.running = true;
    });
    return { ...task, balancerId: balancer.id, vip };
  }

  deleteBalancer(balancerId: string): Task {
    const balancer = this.#expect(balancerId);
    return this.#tasks.submit(balancerId, async () => {
      for (const listener of balancer.listeners.values()) await listener.close();
      this.#balancers.delete(balancerId);
    });
  }

  /** Adds listeners in one task. Throws on a port and protocol that is taken, and on settings that the cloud refuses. */
  createListeners(balancerId: string, wanted: readonly ListenerOptions[]): Task & { listenerIds: string[] } {
    const balancer = this.#expect(balancerId);
    const listeners = wanted.map((options) => this.#newListener(balancer, options));
    const task = this.#tasks.submit(balancerId, async () => {
      for (const listener of listeners) {
        await listener.open(balancer.vip);
        balancer.listeners.set(listener.id, listener);
      }
    });
    return { ...task, listenerIds: listeners.map(({ id }) => id) };
  }

  deleteListeners(balancerId: string, listenerIds: readonly string[]): Task {
    const listeners = listenerIds.map((id) => this.#expectListener(balancerId, id));
    return this.#tasks.submit(balancerId, async () => {
      for (const listener of listeners) {
        await listener.close();
        this.#expect(balancerId).listeners.delete(listener.id);
      }
    });
  }

  modifyListener(balancerId: string, listenerId: string, change: Partial<ListenerFields>): Task {
    const listener = this.#expectListener(balancerId, listenerId);
    return this.#tasks.submit(balancerId, () => listener.modify(change));
  }

  bindTargets(balancerId: string, targets: readonly TargetOptions[]): Task {
    for (const { listenerId } of targets) this.#expectListener(balancerId, listenerId);
    return this.#tasks.submit(balancerId, async () => {
      for (const target of targets) {
        if (target.dial !== undefined) this.route(target.address, target.port, target.dial);
        await this.#expectListener(balancerId, target.listenerId).bind(target);
      }
    });
  }

  unbindTargets(balancerId: string, targets: readonly TargetRef[]): Task {
    for (const { listenerId } of targets) this.#expectListener(balancerId, listenerId);
    return this.#tasks.submit(balancerId, async () => {
      for (const target of targets) await this.#expectListener(balancerId, target.listenerId).unbind(target);
    });
  }

  modifyWeights(balancerId: string, changes: readonly TargetWeight[]): Task {
    for (const { listenerId } of changes) this.#expectListener(balancerId, listenerId);
    return this.#tasks.submit(balancerId, async () => {
      for (const change of changes) {
        await this.#expectListener(balancerId, change.listenerId).setWeight(change, change.weight);
      }
    });
  }

  /** State of a task, undefined for an unknown id (CLB API, DescribeTaskStatus). */
  taskStatus(taskId: string): TaskState | undefined {
    return this.#tasks.status(taskId);
  }

  /** Makes the next tasks fail when their lag is over, with nothing changed. */
  failNextTasks(times = 1, message?: string): void {
    this.#tasks.failNext(times, message);
  }

  balancer(balancerId: string): Balancer | undefined {
    return this.#balancers.get(balancerId);
  }

  /** Where the listener at `port` really accepts connections; undefined when there is none (yet). */
  addressOf(balancerId: string, port: number): SocketAddress | undefined {
    const listeners = [...(this.#balancers.get(balancerId)?.listeners.values() ?? [])];
    return listeners.find((listener) => listener.port === port && listener.address !== undefined)?.address;
  }

  /** Sets, or with undefined removes, where connections and probes to a backend address really go. Takes effect at once. */
  route(address: string, port: number, dial: SocketAddress | undefined): void {
    if (dial === undefined) this.#routes.delete(`${address}|${port}`);
    else this.#routes.set(`${address}|${port}`, dial);
  }

  /** How the latest ended connection from that client port ended; undefined while it is open or when it is long forgotten. */
  fateOf(clientPort: number): FateRecord | undefined {
    return this.#fates.fateOf(clientPort);
  }

  /** The backend that carries, or last carried, the connection from that client port. */
  backendOf(clientPort: number): BackendAddress | undefined {
    return this.#fates.backendOf(clientPort);
  }

  /** Calls back with the balancer's id whenever a backend's health changes; answers how to stop that. */
  onHealthChange(watcher: (balancerId: string) => void): () => void {
    this.#healthWatchers.add(watcher);
    return () => this.#healthWatchers.delete(watcher);
  }

  /** Reads what a carrier shows of all backends now; without one there is nothing to read. */
  async refresh(): Promise<void> {
    if (this.#carrier === undefined) return;
    const listeners = this.balancers.flatMap((balancer) => [...balancer.listeners.values()]);
    await Promise.all(listeners.map((listener) => listener.refresh()));
  }

  /** Cuts everything and closes every socket and timer. */
  async stop(): Promise<void> {
    this.#tasks.stop();
    for (const balancer of this.balancers) {
      for (const listener of balancer.listeners.values()) await listener.close();
      balancer.listeners.clear();
    }
    this.#balancers.clear();
    this.#healthWatchers.clear();
  }

  #newListener(balancer: Balancer, options: ListenerOptions): Listener {
    if (balancer.listenerAt(options.port, options.protocol) !== undefined) {
      throw new CloudFault('InvalidParameterValue.Duplicate', `${options.protocol}:${options.port} is in use.`);
    }
    const settings = listenerSettings(options, this.#health);
    const rules = ruleSettings(options, settings).map((rule) => ({ ...rule, id: newId('loc', this.#random) }));
    const id = newId('lbl', this.#random);
    const listener: Listener = new Listener({ id, balancerId: balancer.id, rules }, options, settings, {
      now: this.now,
      fates: this.#fates,
      dialTimeoutMs: this.#dialTimeoutMs,
      carrier: this.#carrier,
      route: (host, port) => onLoopback(this.#routes.get(`${host}|${port}`) ?? { host, port }),
      meterOf: (_listenerId, address, port) => this.#meters.of(balancer, listener, address, port),
      healthChanged: (balancerId) => {
        for (const watcher of this.#healthWatchers) watcher(balancerId);
      },
    });
    return listener;
  }

  #expect(balancerId: string): Balancer {
    const balancer = this.#balancers.get(balancerId);
    if (balancer === undefined)
      throw new CloudFault('InvalidParameter.LBIdNotFound', `No such balancer: ${balancerId}`);
    return balancer;
  }

  #expectListener(balancerId: string, listenerId: string): Listener {
    const listener = this.#expect(balancerId).listeners.get(listenerId);
    if (listener !== undefined) return listener;
    throw new CloudFault('InvalidParameter.ListenerIdNotFound', `No listener ${listenerId} on ${balancerId}.`);
  }
}

export type Clb = Balancers;

/** Starts an empty set of balancers; `stop()` closes every socket and timer. */
export function startBalancers(options: ClbOptions = {}): Clb {
  return new Balancers(options);
}
