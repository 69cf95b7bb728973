import type { BalancerTarget } from './balancers/balancer-target.ts';
import type { FateLog } from './data-plane/fates.ts';
import type { Meter } from './meters/meter.ts';
import type { SocketAddress } from './model.ts';

/** What every listener of the data plane shares. */
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
}

/** What the accepting side asks of its listener for every new connection. */
export interface Door {
  readonly balancerId: string;
  readonly port: number;
  /** 0 = never. */
  readonly idleTimeoutMs: number;
  /** The backend for a new connection, undefined when none may have it. */
  admit(clientAddress: string): BalancerTarget | undefined;
}

/** What the accepting side of a layer-7 listener asks for every request. */
export interface HttpDoor extends Pick<Door, 'balancerId' | 'port'> {
  /** How long an idle connection to a backend is kept; 0 = not at all. */
  readonly keepaliveMs: number;
  /** The backend for one request; `hasIdle` tells whether a connection to it waits for one. */
  admitRequest(
    host: string,
    clientAddress: string,
    hasIdle: (target: BalancerTarget) => boolean,
  ): BalancerTarget | undefined;
}
