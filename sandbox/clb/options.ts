import type { HealthCheckSettings } from './model.ts';
import type { Carrier } from './plane-world.ts';

/** How the rehearsal balancers behave; every option has a default. */
export interface ClbOptions {
  /** How long a configuration task takes, milliseconds; default 200. */
  lagMs?: number;
  /** Pace of health checks, milliseconds; default 1000 (the cloud: 5 s). */
  healthIntervalMs?: number;
  /** Answered probes in a row until a backend is healthy; default 3, as in the cloud. */
  healthyThreshold?: number;
  unhealthyThreshold?: number;
  /** First three numbers of the VIPs; default `127.88.0`. */
  vipPrefix?: string;
  /** Finest period of connection counts that Cloud Monitor announces, seconds; default 1, the cloud's is 60. */
  monitorPeriodSeconds?: number;
  /** How long a backend may take to answer a SYN, milliseconds; default 15000. */
  dialTimeoutMs?: number;
  /** Ended connections to remember; default 20000. */
  keptFates?: number;
  /** Carries layer-4 listeners in the place of the sandbox's own proxy, which also reports how each connection ended. */
  carrier?: Carrier | undefined;
  now?: () => number;
  /** Numbers in [0, 1) for ids. */
  random?: () => number;
}

/** The health check of listeners that ask for none of their own. */
export function defaultHealth(options: ClbOptions): HealthCheckSettings {
  return {
    on: true,
    intervalMs: options.healthIntervalMs ?? 1000,
    timeoutMs: 2000,
    healthyThreshold: options.healthyThreshold ?? 3,
    unhealthyThreshold: options.unhealthyThreshold ?? 3,
  };
}

/** Length of one sample: packets are announced at 10 s where connections are at 60 s, as in the cloud. */
export function sampleSecondsFor(monitorPeriodSeconds: number): number {
  return monitorPeriodSeconds > 10 && monitorPeriodSeconds % 10 === 0 ? 10 : monitorPeriodSeconds;
}
