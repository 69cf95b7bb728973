import { connect } from 'node:net';
import type { HealthCheckSettings, SocketAddress, TargetHealth } from '../model.ts';

/** One TCP probe as CLB sends it: SYN, and RST as soon as it is answered (CLB documentation, TCP health check). */
export function probe(address: SocketAddress, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address.host, port: address.port });
    const timer = setTimeout(() => settle(false), timeoutMs);
    const settle = (answered: boolean): void => {
      clearTimeout(timer);
      if (answered) socket.resetAndDestroy();
      else socket.destroy();
      resolve(answered);
    };
    socket.once('connect', () => settle(true));
    socket.on('error', () => settle(false));
  });
}

/** Counts probe results against the thresholds. A new backend is `probing` until one of them is reached. */
export class HealthRecord {
  #state: TargetHealth = 'probing';
  #streak = 0;
  #lastAnswered: boolean | undefined;

  get state(): TargetHealth {
    return this.#state;
  }

  /** Records one probe; answers whether the state changed. */
  record(answered: boolean, settings: HealthCheckSettings): boolean {
    this.#streak = answered === this.#lastAnswered ? this.#streak + 1 : 1;
    this.#lastAnswered = answered;
    const next: TargetHealth = answered ? 'alive' : 'dead';
    const threshold = answered ? settings.healthyThreshold : settings.unhealthyThreshold;
    if (this.#state === next || this.#streak < threshold) return false;
    this.#state = next;
    return true;
  }
}
