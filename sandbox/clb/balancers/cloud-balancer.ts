import type { BalancerOptions } from '../model.ts';
import type { Listener } from './listener.ts';

/** One balancer as the cloud knows it; all changes go through the tasks of Balancers. */
export class Balancer {
  readonly id: string;
  readonly vip: string;
  readonly name: string;
  readonly network: 'public' | 'private';
  readonly region: string;
  readonly vpcId: string;
  readonly numericVpcId: number;
  readonly domain: string | undefined;
  readonly attributeFlags: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
  readonly listeners = new Map<string, Listener>();
  /** False until the creating task is over. */
  running = false;

  constructor(id: string, vip: string, options: BalancerOptions, nowMs: number) {
    this.id = id;
    this.vip = vip;
    this.name = options.name ?? id;
    this.network = options.network ?? 'public';
    this.region = options.region ?? 'ap-guangzhou';
    this.vpcId = options.vpcId ?? 'vpc-5k9ab3xd';
    this.numericVpcId = options.numericVpcId ?? 5436123;
    this.domain = options.domain;
    this.attributeFlags = [...(options.attributeFlags ?? []), ...(options.domain === undefined ? [] : ['IsDomainCLB'])];
    this.tags = options.tags ?? {};
    this.createdAtMs = nowMs;
  }

  listenerAt(port: number, protocol?: string): Listener | undefined {
    for (const listener of this.listeners.values()) {
      if (listener.port === port && (protocol === undefined || listener.protocol === protocol)) return listener;
    }
    return undefined;
  }
}
