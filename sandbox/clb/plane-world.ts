import type { BalancerTarget } from './balancers/balancer-target.ts';
import type { FateLog } from './data-plane/fates.ts';
import type { Meter } from './meters/meter.ts';
import type { HealthCheckSettings, SocketAddress } from './model.ts';

/** The parts that all listeners of the data plane share. */
export interface DataPlane {
  now(): number;
  readonly fates: FateLog;
  readonly dialTimeoutMs: number;
  /** Where connections to a backend address really go. */
  route(address: string, port: number): SocketAddress;
  /** The counters of one backend on one listener; they outlive the binding. */
  meterOf(listenerId: string, address: string, port: number): Meter;
  /** Some backend's health changed. */
  healthChanged(balancerId: string): void;
  /** Carries layer-4 listeners in the place of the sandbox's own proxy. */
  readonly carrier: Carrier | undefined;
}

/** A load balancer that somebody else wrote. The cloud API answers with the backends as it shows them. */
export interface Carrier {
  /** Listens at the VIP, without backends. `healthChanged` is called whenever a backend's health does. */
  open(door: { vip: string; port: number; healthChanged: () => void; now: () => number }): Promise<CarriedConnection>;
}

/** One listener that a carrier carries. It keeps weight, health and meter of the targets bound on it as the load balancer shows them. */
export interface CarriedConnection {
  readonly address: SocketAddress;
  /** Resolves once the load balancer has the backend, with the target's weight as soon as its health check has passed. */
  bind(target: BalancerTarget, route: SocketAddress, health: HealthCheckSettings): Promise<void>;
  /** Takes the backend out and resets its connections. */
  unbind(target: BalancerTarget): Promise<void>;
  /** Resolves once the load balancer shows the weight. */
  setWeight(target: BalancerTarget, weight: number): Promise<void>;
  /** Reads what the load balancer shows now into its targets. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

/** The listener's part that the accepting side calls for every new connection. */
export interface Door {
  readonly balancerId: string;
  readonly port: number;
  /** 0 = never. */
  readonly idleTimeoutMs: number;
  /** The backend for a new connection, undefined when none may have it. */
  admit(clientAddress: string): BalancerTarget | undefined;
}

/** The listener's part that the accepting side of layer 7 calls for every request. */
export interface HttpDoor extends Pick<Door, 'balancerId' | 'port'> {
  /** How long an idle connection to a backend is kept; 0 = not at all. */
  readonly keepaliveMs: number;
  /** The backend for one request; `hasIdle` shows whether a connection to it waits for one. */
  admitRequest(
    host: string,
    clientAddress: string,
    hasIdle: (target: BalancerTarget) => boolean,
  ): BalancerTarget | undefined;
}
