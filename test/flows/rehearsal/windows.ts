/** Upgrades by the sliding window, for the tests of its loop. */
import { annotation, type Rehearsal, upgradeIntent } from './rehearsal.ts';

/** At most three of the ten pods out of service, and an hour to wait. */
export const windowOfThree = upgradeIntent({
  maxUnavailable: { kind: 'count', count: 3 },
  timeoutMs: 3_600_000,
  minServing: { kind: 'count', count: 1 },
});

/** The annotation of somebody who has drained these ordinals without kubectl-zeroloss. */
export const handDrained = (...podIndexes: number[]): string =>
  JSON.stringify({
    defaultWeight: 10,
    groups: [
      { key: { proto: 'TCP', port: 80 }, statefulSets: [{ name: 'nginx', weights: [{ weight: 0, podIndexes }] }] },
    ],
  });

/** Ordinals at weight 0 on the first port. */
export const zerosIn = (text: string): number[] =>
  (JSON.parse(text).groups?.[0]?.statefulSets?.[0]?.weights ?? []).flatMap(
    (each: { weight: number; podIndexes: number[] }) => (each.weight === 0 ? each.podIndexes : []),
  );

/** The largest number of pods at weight 0 that any write asked for. */
export function watchDrained(rehearsal: Rehearsal): () => number {
  let most = 0;
  rehearsal.kube.beforeWrite(() => {
    most = Math.max(most, zerosIn(annotation(rehearsal) ?? '{}').length);
  });
  return () => most;
}
