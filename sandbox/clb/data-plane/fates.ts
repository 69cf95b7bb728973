import type { BackendAddress, FateRecord } from '../model.ts';

/** Remembers how the last connections ended, by the client's port; the oldest entry makes room for the newest. */
export class FateLog {
  readonly #capacity: number;
  readonly #byClientPort = new Map<number, FateRecord>();
  readonly #open = new Map<number, BackendAddress | undefined>();

  constructor(capacity = 20_000) {
    this.#capacity = capacity;
  }

  opened(clientPort: number, backend: BackendAddress | undefined): void {
    this.#open.set(clientPort, backend);
  }

  ended(fate: FateRecord): void {
    this.#open.delete(fate.clientPort);
    this.#byClientPort.delete(fate.clientPort);
    this.#byClientPort.set(fate.clientPort, fate);
    if (this.#byClientPort.size > this.#capacity) {
      for (const oldest of this.#byClientPort.keys()) {
        this.#byClientPort.delete(oldest);
        break;
      }
    }
  }

  /** The fate of the latest ended connection from that client port. */
  fateOf(clientPort: number): FateRecord | undefined {
    return this.#byClientPort.get(clientPort);
  }

  /** The backend that carries, or last carried, the connection from that client port. */
  backendOf(clientPort: number): BackendAddress | undefined {
    return this.#open.get(clientPort) ?? this.#byClientPort.get(clientPort)?.backend;
  }
}
