import type { Cadence, ConnectionSource, CountedBackend, Point } from '../../../lib/ports.ts';
import type { FakeClock } from '../../fakes/clock.ts';

export const MINUTE = 60_000;

/** A monitor with a point a minute, shown `lateMs` after the minute is over; `count` says what a minute had. */
export class FakeMonitor implements ConnectionSource {
  readonly name = 'clb';
  readonly cadence: Cadence<'interval'> = { kind: 'interval', periodMs: MINUTE, settleMs: 2 * MINUTE };
  readonly readsAtMs: number[] = [];
  readonly sincesMs: number[] = [];
  proofs = 0;
  /** Siblings with traffic that were offered as proof the last time. */
  witnesses = 0;
  count: (atMs: number, nowMs: number, pod: string, listenerPort: number) => number = () => 0;
  /** Thrown instead of an answer, as long as it is set. */
  proofFails: Error | undefined;
  readFails: Error | undefined;
  countable = true;
  lateMs = 0;
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  async prove(backends: readonly CountedBackend[], siblings: readonly CountedBackend[]) {
    this.proofs += 1;
    this.witnesses = siblings.length;
    if (this.proofFails !== undefined) throw this.proofFails;
    return backends.map((backend) => ({ backend, countable: this.countable, because: 'the monitor says so' }));
  }

  async read(backends: readonly CountedBackend[], sinceMs: number) {
    const nowMs = this.#clock.now();
    this.readsAtMs.push(nowMs);
    this.sincesMs.push(sinceMs);
    if (this.readFails !== undefined) throw this.readFails;
    return backends.map((backend) => {
      const points: Point[] = [];
      for (let atMs = Math.ceil(sinceMs / MINUTE) * MINUTE; atMs + MINUTE + this.lateMs <= nowMs; atMs += MINUTE)
        points.push({ atMs, value: this.count(atMs, nowMs, backend.pod, backend.listener.port) });
      return { source: this.name, backend, cadence: this.cadence, points };
    });
  }
}
