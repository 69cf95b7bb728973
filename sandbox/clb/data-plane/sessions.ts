/** Source-IP session persistence of one layer-4 listener: which backend each client address keeps coming back to. */
export class Sessions<T> {
  readonly #byClient = new Map<string, { target: T; expiresAtMs: number }>();

  /** The backend that this client keeps, if its time has not run out. */
  lookup(clientAddress: string, nowMs: number): T | undefined {
    const entry = this.#byClient.get(clientAddress);
    if (entry === undefined) return undefined;
    if (entry.expiresAtMs > nowMs) return entry.target;
    this.#byClient.delete(clientAddress);
    return undefined;
  }

  /** Keeps the client with this backend for `expireSeconds` from now. */
  keep(clientAddress: string, target: T, expireSeconds: number, nowMs: number): void {
    this.#byClient.set(clientAddress, { target, expiresAtMs: nowMs + expireSeconds * 1000 });
  }

  forget(target: T): void {
    for (const [client, entry] of this.#byClient) if (entry.target === target) this.#byClient.delete(client);
  }
}
