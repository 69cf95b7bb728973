/** Decides at each call of the operator which faults strike there, and keeps what struck where. */
import { API_FAULTS, CLOUD_FAULTS, COUNT_FAULTS, type Fault, type FaultKind } from '../history.ts';

export type Channel = 'api' | 'cloud' | 'exec' | 'metrics';

/** One call of a running program. */
export interface Moment {
  channel: Channel;
  /** `PATCH services`, `DescribeTargets`, `exec`. */
  step: string;
  isWrite: boolean;
  /** The verb that runs. */
  verb: string;
}

export interface Hit extends Moment {
  kind: FaultKind;
  atMs: number;
  nth: number;
}

export const CHANNEL: ReadonlyMap<FaultKind, Channel> = new Map<FaultKind, Channel>([
  ...API_FAULTS.map((kind) => [kind, 'api'] as const),
  ...CLOUD_FAULTS.map((kind) => [kind, 'cloud'] as const),
  ...COUNT_FAULTS.map((kind) => [kind, kind.startsWith('exec') ? 'exec' : 'metrics'] as const),
  // Between the server's doing and its answer.
  ['killed-after', 'api'],
]);

/** Of the write itself there is something to lose; reading again costs nothing. */
export const OF_WRITES: ReadonlySet<FaultKind> = new Set(['api-409']);

export class Striker {
  readonly hits: Hit[] = [];
  calls = 0;
  writes = 0;
  /** Once the bad day is over. */
  isOver = false;
  /** `verb channel`, and `verb write`: how many calls there were. */
  readonly met = new Map<string, number>();
  readonly #waiting: Fault[];
  readonly #now: () => number;
  readonly #isIdle: (kind: FaultKind) => boolean;

  /** `isIdle`: such a fault would change nothing now; it waits until it would. */
  constructor(faults: readonly Fault[], now: () => number, isIdle: (kind: FaultKind) => boolean) {
    this.#waiting = [...faults];
    this.#now = now;
    this.#isIdle = isIdle;
  }

  /** The faults of this call, in the order of the history. One that needs another channel waits for the next such call. */
  at(moment: Moment): Fault[] {
    this.calls += 1;
    if (moment.isWrite) this.writes += 1;
    this.#count(`${moment.verb} call`);
    this.#count(`${moment.verb} ${moment.channel}`);
    if (moment.isWrite) this.#count(`${moment.verb} write`);
    if (this.isOver) return [];
    const due = this.#waiting.filter(
      ({ kind, at, nth, of }) =>
        (of === undefined || of === moment.verb) &&
        this.#so(at, of) >= nth &&
        (CHANNEL.get(kind) ?? moment.channel) === moment.channel &&
        (moment.isWrite || !OF_WRITES.has(kind)) &&
        (at === 'call' || moment.isWrite || moment.channel !== 'api' || (CHANNEL.get(kind) ?? 'api') !== 'api') &&
        !this.#isIdle(kind),
    );
    for (const fault of due) {
      this.#waiting.splice(this.#waiting.indexOf(fault), 1);
      this.hits.push({ ...moment, kind: fault.kind, atMs: this.#now(), nth: this.calls });
    }
    return due;
  }

  #so(at: Fault['at'], of: string | undefined): number {
    if (of !== undefined) return this.met.get(`${of} ${at}`) ?? 0;
    return at === 'call' ? this.calls : this.writes;
  }

  #count(key: string): void {
    this.met.set(key, (this.met.get(key) ?? 0) + 1);
  }
}
