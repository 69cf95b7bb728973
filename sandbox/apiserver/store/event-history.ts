/** The recent changes of one resource: what a watch resumes from, and what an older list is rebuilt with. */
import type { KubeObject } from '../../../lib/ports.ts';

export interface Change {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  resourceVersion: number;
  /** The object after the change; after a deletion, its last state with the deletion's resourceVersion. */
  object: KubeObject;
  /** The object before the change; undefined when it was created. */
  previous: KubeObject | undefined;
}

/** A sliding window over the changes of one resource, oldest first. */
export class History {
  readonly #capacity: number;
  #changes: Change[] = [];
  #forgotten = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(change: Change): void {
    this.#changes.push(change);
    // Trimmed in halves, so that a full window costs nothing per write.
    if (this.#changes.length >= 2 * this.#capacity) {
      const dropped = this.#changes.length - this.#capacity;
      this.#forgotten = this.#changes[dropped - 1]?.resourceVersion ?? this.#forgotten;
      this.#changes = this.#changes.slice(dropped);
    }
  }

  /** The oldest version whose later changes are all still here; anything older has expired. */
  get oldestVersion(): number {
    return this.#forgotten;
  }

  /** Changes after `resourceVersion`, oldest first; the caller has checked that it has not expired. */
  since(resourceVersion: number): readonly Change[] {
    let low = 0;
    let high = this.#changes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#changes[middle]?.resourceVersion ?? 0) > resourceVersion) high = middle;
      else low = middle + 1;
    }
    return this.#changes.slice(low);
  }
}
