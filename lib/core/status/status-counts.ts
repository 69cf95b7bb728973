/** Whose connections a glance asks for: Cloud Monitor answers for ten backends a call, and a thousand pods are hundreds of calls. */
import type { CountedBackend } from '../zero/connection-series.ts';

/** Thirty calls: a second and a half at the cloud's rate. */
const MOST_BACKENDS = 300;

export interface CountedPod {
  /** Its ordinal is in the drain set. */
  drained: boolean;
  updated: boolean;
  backends: readonly CountedBackend[];
}

/**
 * The backends to count, whole pods only, and how many pods are left out: all that are drained, then the updated ones, then the
 * others, in their order, until there are enough.
 */
export function chooseCounted(
  pods: readonly CountedPod[],
  all: boolean,
): { backends: readonly CountedBackend[]; leftOut: number } {
  const rank = ({ drained, updated }: CountedPod): number => (drained ? 0 : updated ? 1 : 2);
  const bound = pods.filter(({ backends }) => backends.length > 0).sort((a, b) => rank(a) - rank(b));
  const backends: CountedBackend[] = [];
  let leftOut = 0;
  for (const pod of bound) {
    if (all || pod.drained || backends.length + pod.backends.length <= MOST_BACKENDS) backends.push(...pod.backends);
    else leftOut += 1;
  }
  return { backends, leftOut };
}
