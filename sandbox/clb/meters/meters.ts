import type { Balancer } from '../balancers/cloud-balancer.ts';
import type { Listener } from '../balancers/listener.ts';
import { Meter } from './meter.ts';

/** One backend's series with what Cloud Monitor's dimensions are made of (Cloud Monitor, CLB metrics). */
export interface MeteredBackend {
  readonly vip: string;
  readonly network: 'public' | 'private';
  readonly numericVpcId: string;
  readonly balancerId: string;
  readonly listenerPort: number;
  readonly protocol: string;
  readonly address: string;
  readonly port: number;
  readonly meter: Meter;
}

const KEPT_ENDED = 5_000;

/** Every backend ever counted; series outlive their binding, the longest ended ones are dropped. */
export class Meters {
  readonly #sampleSeconds: number;
  readonly #byKey = new Map<string, MeteredBackend>();

  constructor(sampleSeconds: number) {
    this.#sampleSeconds = sampleSeconds;
  }

  get all(): Iterable<MeteredBackend> {
    return this.#byKey.values();
  }

  /** The counters of one backend on one listener, made on first use. */
  of(balancer: Balancer, listener: Listener, address: string, port: number): Meter {
    const key = `${listener.id}|${address}|${port}`;
    const known = this.#byKey.get(key);
    if (known !== undefined) return known.meter;
    const meter = new Meter(this.#sampleSeconds);
    this.#byKey.set(key, {
      vip: balancer.vip,
      network: balancer.network,
      numericVpcId: String(balancer.numericVpcId),
      balancerId: balancer.id,
      listenerPort: listener.port,
      protocol: listener.protocol,
      address,
      port,
      meter,
    });
    this.#forgetEnded();
    return meter;
  }

  #forgetEnded(): void {
    if (this.#byKey.size <= KEPT_ENDED) return;
    for (const [key, backend] of this.#byKey) {
      if (backend.meter.running || backend.meter.openConnections > 0) continue;
      this.#byKey.delete(key);
      if (this.#byKey.size <= KEPT_ENDED) return;
    }
  }
}
