/** Persisted sessions of one history: which backend a client of a listener comes back to. */
import type { Setting } from '../../history.ts';
import type { Dice } from '../dice.ts';
import type { SimClock } from '../sim-clock.ts';
import type { Backend, Listener } from './backend.ts';

/** A session that is persisted brings the client back to its backend for so long. */
export const PERSISTED_MS = 30_000;
const PERSISTED_CLIENTS = 12;
/** How often a session leads to a backend of weight 0, where it does at all: the rest of the clients has lost it. */
const RETURNS = 0.5;

/** The backend that a client is sent to. */
export interface Chosen {
  backend: Backend;
  /** By its session alone: the backend gets nothing new. */
  isPastWeight: boolean;
}

export class ClientSessions {
  readonly #sessions = new Map<string, { backend: Backend; atMs: number }>();
  readonly #clock: SimClock;
  readonly #dice: Dice;

  constructor(clock: SimClock, dice: Dice) {
    this.#clock = clock;
    this.#dice = dice;
  }

  /** `drawn`: the backend of a client without a session. Whether a session outlives weight 0 is not documented: `returning` clients do come back. */
  choose(
    listener: Listener,
    pool: readonly Backend[],
    drawn: Backend | undefined,
    clients: Setting['clients'],
  ): Chosen | undefined {
    const key = `${listener.id} ${Math.floor(this.#dice.roll(`client ${listener.id}`) * PERSISTED_CLIENTS)}`;
    const known = this.#sessions.get(key);
    const isInTime = known !== undefined && this.#clock.now() - known.atMs < PERSISTED_MS;
    const isPastWeight =
      isInTime &&
      clients === 'returning' &&
      known.backend.weight === 0 &&
      [...listener.backends.values()].includes(known.backend) &&
      this.#dice.roll('returns') < RETURNS;
    const backend = isInTime && (isPastWeight || pool.includes(known.backend)) ? known.backend : drawn;
    if (backend === undefined) return undefined;
    this.#sessions.set(key, { backend, atMs: this.#clock.now() });
    return { backend, isPastWeight };
  }
}
