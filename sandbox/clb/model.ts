/** The words of the rehearsal load balancer: settings that are asked for, and what becomes of a connection. */

/** A host and port that can be dialled. */
export interface SocketAddress {
  host: string;
  port: number;
}

/** One backend as the cloud names it: the pod's address and port. */
export interface BackendAddress {
  address: string;
  port: number;
}

/** Settings of a new balancer; every one has a default. */
export interface BalancerOptions {
  name?: string;
  network?: 'public' | 'private';
  /** Long region name, for example `ap-guangzhou` (default). */
  region?: string;
  vpcId?: string;
  numericVpcId?: number;
  /** Domain name of a domain-name CLB; then `IsDomainCLB` is reported and `LoadBalancerVips` is empty. */
  domain?: string;
  /** Extra entries of AttributeFlags. */
  attributeFlags?: readonly string[];
  tags?: Readonly<Record<string, string>>;
}

/** Health check of one listener, at the data plane's own pace in milliseconds. */
export interface HealthCheckSettings {
  on: boolean;
  intervalMs: number;
  timeoutMs: number;
  healthyThreshold: number;
  unhealthyThreshold: number;
}

export type Scheduler = 'WRR' | 'LEAST_CONN' | 'IP_HASH';

/** One forwarding rule of a layer-7 listener. */
export interface RuleOptions {
  domain: string;
  url?: string;
  scheduler?: Scheduler;
  sessionExpireSeconds?: number;
}

/** The settings that DescribeListeners reports and ModifyListener may change. */
export interface ListenerFields {
  name: string;
  scheduler: Scheduler;
  /** Source-IP persistence in seconds; 0 = off. */
  sessionExpireSeconds: number;
  /** AttrFlags, for example `RescheduleTargetZeroWeight`, which really cuts here. */
  flags: readonly string[];
  targetType: 'NODE' | 'POLARIS' | 'TARGETGROUP' | 'TARGETGROUP-V2';
  deregisterTargetRst: boolean;
  /** Idle seconds after which a connection is reset (CLB: TCP 900, UDP 300 by default). */
  idleTimeoutSeconds: number;
  /** With `RescheduleTargetZeroWeight`: seconds after the weight became 0 at which cutting begins. */
  rescheduleStartSeconds: number;
  /** Seconds over which the cutting is spread; 0 = all at once. */
  rescheduleIntervalSeconds: number;
  /** Whether a persisted client still reaches a backend of weight 0. Tencent says nothing, so the worst case (true) is the default. */
  persistAtZeroWeight: boolean;
  /** Whether IP_HASH looks at the client's address alone, as other clouds' balancers do: weight 0 then stops nothing. Default false. */
  hashIgnoresWeight: boolean;
  /** HTTP listeners: how long an idle connection to a backend is kept for the next request, milliseconds; 0 (default) = not at all. CLB, with KeepaliveEnable: 60 s. */
  keepaliveMs: number;
  /** HTTP listeners: whether requests go on over kept connections to a backend of weight 0, as other clouds' balancers do. Default false. */
  pooledAtZeroWeight: boolean;
  health: HealthCheckSettings;
}

/** A new listener. `protocol` HTTP with rules is layer 7; TCP, TCP_SSL, HTTPS are carried as plain TCP; UDP and QUIC are configuration only. */
export interface ListenerOptions extends Partial<Omit<ListenerFields, 'health'>> {
  protocol: string;
  port: number;
  endPort?: number;
  health?: Partial<HealthCheckSettings>;
  rules?: readonly RuleOptions[];
  /** The manager of the listener; never shown by the cloud API. */
  owner?: string;
}

/** A backend to bind. */
export interface TargetOptions extends BackendAddress {
  listenerId: string;
  ruleId?: string | undefined;
  /** 0 to 100; default 10, as in the cloud. */
  weight?: number;
  /** Where connections to this backend really go, when its own address cannot be bound on this system. */
  dial?: SocketAddress;
  type?: 'ENI' | 'CVM';
  instanceId?: string;
  tag?: string;
}

/** Names one binding. */
export interface TargetRef extends BackendAddress {
  listenerId: string;
  ruleId?: string | undefined;
}

export interface TargetWeight extends TargetRef {
  weight: number;
}

export type TargetHealth = 'alive' | 'dead' | 'probing' | 'off';

/**
 * How a connection ended. `closed`: both sides said FIN. `backend-refused`, `dial-timeout`: the chosen backend could not be
 * reached. `backend-reset`, `client-reset`: that side sent RST or vanished. `unbound`: its backend or listener was removed.
 * `rescheduled`: cut by RescheduleTargetZeroWeight. `no-backend`: no backend had weight. `idle-timeout`: nothing was said for too long.
 */
export type EndReason =
  | 'closed'
  | 'backend-refused'
  | 'backend-reset'
  | 'client-reset'
  | 'unbound'
  | 'rescheduled'
  | 'no-backend'
  | 'dial-timeout'
  | 'idle-timeout';

/** The outcome of one connection. */
export interface FateRecord {
  clientPort: number;
  balancerId: string;
  listenerPort: number;
  backend: BackendAddress | undefined;
  openedAtMs: number;
  endedAtMs: number;
  end: EndReason;
  /** Which side sent FIN first; undefined when none did. */
  firstToClose: 'client' | 'backend' | undefined;
  /** Weight of the backend when the connection ended; undefined without a backend. */
  weightAtEnd: number | undefined;
}
