/** A load balancer as the cloud shows it, as data. */

/** How a load balancer sees one backend's health. `off`: the listener has no health check. */
export type BackendHealth = 'alive' | 'dead' | 'probing' | 'off' | 'unknown';

/** One pod:port bound on one listener (or on one rule of a layer-7 listener). */
export interface BackendState {
  listenerId: string;
  /** Set on layer-7 listeners only: the forwarding rule that binds it. */
  ruleId?: string;
  /** The rule's host and path, for people. */
  rule?: string;
  address: string;
  port: number;
  weight: number;
  health: BackendHealth;
}

export interface ListenerState {
  id: string;
  /** As the cloud says it: TCP, UDP, HTTP, HTTPS, TCP_SSL, QUIC. */
  protocol: string;
  port: number;
  /** Last port of a port-range listener. */
  endPort?: number;
  /** WRR, LEAST_CONN, IP_HASH; 'mixed' when the rules of a layer-7 listener differ. */
  scheduler: string;
  /** Longest session persistence on the listener or its rules, seconds; 0 = off. */
  sessionExpireSeconds: number;
  /** NODE, POLARIS, TARGETGROUP, TARGETGROUP-V2. */
  targetType: string;
  /** AttrFlags, for example RescheduleTargetZeroWeight. */
  flags: readonly string[];
  resetsOnUnbind: boolean;
  idleTimeoutSeconds?: number;
  /** So many answers in a row, or so many failures, change a backend's health. */
  healthCheck: { on: boolean; intervalSeconds: number; healthyThreshold: number; unhealthyThreshold: number };
  backends: readonly BackendState[];
}

/** One load balancer as the cloud shows it at one moment. */
export interface BalancerState {
  id: string;
  name: string;
  vips: readonly string[];
  domain?: string;
  network: 'public' | 'private';
  /** The numeric VPC id, as the text that Cloud Monitor's vpcId dimension wants. */
  numericVpcId: string;
  region: string;
  running: boolean;
  listeners: readonly ListenerState[];
  /** Clock time at which the read began. */
  observedAtMs: number;
}

export interface BalancerRef {
  id: string;
  /** Region asked for by the user or by the Service; undefined: the adapter's own default. */
  region?: string;
}

/** One place of one load balancer that sends traffic to an address: found by the address, however the binding was made. */
export interface AddressBinding {
  balancerId: string;
  /** Where it was found; undefined: the adapter's own default. */
  region?: string;
  listenerId: string;
  protocol: string;
  port: number;
  /** Set on layer-7 listeners only, with its host and path for people. */
  ruleId?: string;
  rule?: string;
  address: string;
  backendPort: number;
  weight: number;
}

/** The result of trying one action of the cloud's API. `allowed` undefined: neither proven nor denied. */
export interface TriedAction {
  /** As CAM policies name it: `clb:DescribeTargets`. */
  action: string;
  allowed: boolean | undefined;
  because: string;
  /** Set where more than this action fails: there is no key, or the cloud refuses the key, whatever it asks for, or the clock that it was signed with. */
  refused?: 'key' | 'clock' | 'absent';
}
