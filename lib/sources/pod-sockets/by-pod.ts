import type { CountedBackend } from '../../ports.ts';

/** All backends of one pod together: one look into it serves them all. */
export const byPod = (backends: readonly CountedBackend[]): readonly (readonly CountedBackend[])[] => [
  ...Map.groupBy(backends, ({ podUid }) => podUid).values(),
];
