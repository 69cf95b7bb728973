import { HealthRecord } from '../data-plane/health-probe.ts';
import type { Cut } from '../data-plane/relay.ts';
import type { Schedulable } from '../data-plane/schedule.ts';
import type { Meter } from '../meters/meter.ts';
import type { HealthCheckSettings, TargetHealth, TargetOptions } from '../model.ts';

/** One backend bound on one listener (or on one rule of it): its weight, health and open connections. */
export class BalancerTarget implements Schedulable {
  readonly address: string;
  readonly port: number;
  readonly ruleId: string | undefined;
  readonly type: 'ENI' | 'CVM';
  readonly instanceId: string;
  readonly tag: string | undefined;
  readonly registeredAtMs: number;
  readonly meter: Meter;
  /** Each open connection's way to be cut. */
  readonly connections = new Set<Cut>();
  weight: number;
  credit = 0;
  readonly #settings: HealthCheckSettings;
  readonly #record = new HealthRecord();
  /** As a carrier sees it. */
  #seen: TargetHealth | undefined;

  constructor(options: TargetOptions, settings: HealthCheckSettings, meter: Meter, nowMs: number) {
    this.address = options.address;
    this.port = options.port;
    this.ruleId = options.ruleId;
    this.type = options.type ?? 'ENI';
    this.instanceId = options.instanceId ?? '';
    this.tag = options.tag;
    this.weight = options.weight ?? 10;
    this.registeredAtMs = nowMs;
    this.#settings = settings;
    this.meter = meter;
    meter.start(nowMs);
  }

  get health(): TargetHealth {
    if (!this.#settings.on) return 'off';
    return this.#seen ?? this.#record.state;
  }

  get openConnections(): number {
    return this.connections.size;
  }

  /** Takes over what a carrier sees; answers whether the health changed. */
  seen(health: TargetHealth): boolean {
    const before = this.health;
    this.#seen = health;
    return this.health !== before;
  }

  /** For protocols whose traffic and probes are not modelled. */
  assumeAlive(): void {
    for (let i = 0; i < this.#settings.healthyThreshold; i += 1) this.probed(true);
  }

  /** Records one probe; answers whether the health changed. */
  probed(answered: boolean): boolean {
    return this.#record.record(answered, this.#settings);
  }
}
