/**
 * Writes that the local copies have not shown yet. Pods of a ReplicaSet have no names of their own to collide, so that an
 * old copy would have the same pod made twice (Kubernetes: ControllerExpectations).
 */

/** A watch that lost an event must not hold a ReplicaSet up for ever. */
const EXPIRES_MS = 30_000;

export class Expectations {
  readonly #awaited = new Map<string, { key: string; what: 'creation' | 'deletion'; sinceMs: number }>();

  /** The pod `uid` was made for the object `key` and has to show. */
  awaitCreation(key: string, uid: string, nowMs: number): void {
    this.#awaited.set(uid, { key, what: 'creation', sinceMs: nowMs });
  }

  /** The pod `uid` is being deleted for the object `key`, which has to show. */
  awaitDeletion(key: string, uid: string, nowMs: number): void {
    this.#awaited.set(uid, { key, what: 'deletion', sinceMs: nowMs });
  }

  /** Whether the deletion of this pod has not shown yet. */
  deletes(uid: string): boolean {
    return this.#awaited.get(uid)?.what === 'deletion';
  }

  /** The pod has shown as written, or the write failed. */
  seen(uid: string): void {
    this.#awaited.delete(uid);
  }

  /** Milliseconds until `key` may be planned for even though something has not shown; 0 when all has. */
  waitMs(key: string, nowMs: number): number {
    const waits = [...this.#awaited.values()]
      .filter((each) => each.key === key)
      .map(({ sinceMs }) => sinceMs + EXPIRES_MS - nowMs);
    return Math.max(0, ...waits);
  }
}
