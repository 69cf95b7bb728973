/**
 * Loopback addresses for pods, one per incarnation. A released address comes round again only after all the
 * others, so that a client which still holds the old one never meets a stranger.
 */

const ADDRESSES = 254 * 254;

export class AddressPool {
  readonly #prefix: string;
  readonly #taken = new Set<string>();
  #next: number;

  /** `prefix` is the first half of an address, with its trailing dot: '127.77.'. `first` chooses where in the range to begin. */
  constructor(prefix: string, first = 0) {
    if (!/^127\.\d{1,3}\.$/.test(prefix))
      throw new RangeError(
        `addressPrefix must look like '127.77.' (loopback, first half of an address), got '${prefix}'`,
      );
    this.#prefix = prefix;
    this.#next = first;
  }

  /** Throws RangeError when every address is taken. */
  take(): string {
    for (let tries = 0; tries < ADDRESSES; tries += 1) {
      const index = this.#next % ADDRESSES;
      this.#next = index + 1;
      const address = `${this.#prefix}${Math.floor(index / 254)}.${(index % 254) + 1}`;
      if (this.#taken.has(address)) continue;
      this.#taken.add(address);
      return address;
    }
    throw new RangeError(`all ${ADDRESSES} addresses under ${this.#prefix} are taken`);
  }

  release(address: string): void {
    this.#taken.delete(address);
  }
}
