/** The life of one process: it may be killed at any await, put to sleep, interrupted, and its machine's clock may jump. */
import { InterruptedError } from '../../../lib/core/errors.ts';
import type { Clock } from '../../../lib/ports.ts';
import type { SimClock } from './sim-clock.ts';

/** An await that never ends: what a killed process still waits for. */
const never = new Promise<never>(() => undefined);

export class ProcessLife {
  readonly clock: Clock;
  /** How far the machine's clock is ahead of the history's. */
  aheadMs = 0;
  /** How much faster it runs, as a share. */
  #drift = 0;
  #driftsSinceMs = 0;
  killed = false;
  /** Resolves once it is killed. */
  readonly death: Promise<void>;
  /** It was suspended at some time since the last look at the load balancer, or its clock was set. */
  wasAway = false;
  readonly #controller = new AbortController();
  readonly #sim: SimClock;
  #awakeAtMs = 0;
  #die = (): void => undefined;

  constructor(sim: SimClock) {
    this.#sim = sim;
    this.death = new Promise((resolve) => {
      this.#die = resolve;
    });
    this.clock = {
      now: () => sim.now() + this.aheadMs + Math.floor((sim.now() - this.#driftsSinceMs) * this.#drift),
      sleep: async (ms, signal) => {
        await sim.sleep(ms, signal);
        await this.comeBack();
      },
    };
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  kill(): void {
    this.killed = true;
    this.#die();
  }

  interrupt(): void {
    this.#controller.abort(new InterruptedError('SIGINT', 'interrupted'));
  }

  putToSleep(ms: number): void {
    this.wasAway = true;
    this.#awakeAtMs = Math.max(this.#awakeAtMs, this.#sim.now() + ms);
  }

  jump(ms: number): void {
    this.wasAway = true;
    this.aheadMs += ms;
  }

  /** From now on its clock runs faster by this share, or slower. */
  driftBy(share: number): void {
    this.aheadMs = this.clock.now() - this.#sim.now();
    this.#driftsSinceMs = this.#sim.now();
    this.#drift = share;
  }

  /** Resolves when the process runs; never, if it is dead. */
  async comeBack(): Promise<void> {
    while (!this.killed && this.#sim.now() < this.#awakeAtMs) await this.#sim.sleep(this.#awakeAtMs - this.#sim.now());
    if (this.killed) await never;
  }
}
