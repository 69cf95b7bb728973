/** Where connection counts come from. */
import type { Countability, CountedBackend, Series } from '../core/zero/connection-series.ts';

export type * from '../core/zero/connection-series.ts';

/** One place that connection counts come from. Adding one touches its own folder and the list of sources only. */
export interface ConnectionSource {
  readonly name: string;
  /** The operator named it by flags of its own: then it must be able to count, as if --source had named it. */
  readonly asked?: boolean;
  /** False: reading it costs a call per pod or more, too much for a look that only informs. */
  readonly forGlances?: boolean;
  /** It counts ports past the load balancer too (`CountedBackend.inside`); other sources are never given one. */
  readonly countsInside?: boolean;
  /**
   * Of a source of moments: its parameters as a text, '' for none. Two commands that give the same text read the same
   * series. Absent: the series itself is the memory.
   */
  readonly countsBy?: string;
  /** Proves that the source really sees these backends (`siblings`: backends of the same listeners that have traffic, to prove it on). */
  prove(
    backends: readonly CountedBackend[],
    siblings: readonly CountedBackend[],
    options?: { signal?: AbortSignal },
  ): Promise<readonly Countability[]>;
  /** One series per backend with every point known since `sinceMs`. A failed read throws; it never returns zeros. */
  read(
    backends: readonly CountedBackend[],
    sinceMs: number,
    options?: { signal?: AbortSignal },
  ): Promise<readonly Series[]>;
}
