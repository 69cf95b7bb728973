/** The volumes of surplus pods: which are claimed, which are there already with the data of an earlier pod, and what stays behind. */
import { some } from '../check/findings.ts';
import type { StatefulSetFacts } from './stateful-set-facts.ts';

/** As the controller names claims (Kubernetes: StatefulSet, stable storage). */
export const claimsOf = (set: StatefulSetFacts, ordinals: readonly number[]): string[] =>
  set.claims.flatMap((claim) => ordinals.map((ordinal) => `${claim}-${set.name}-${ordinal}`));

export interface SurplusVolumes {
  /** One line. */
  text: string;
  /** Whether one of them is there with the data of an earlier pod, or may be. */
  mayBeStale: boolean;
}

/** Undefined: the pods claim nothing. `existing`: names of claims that are there; undefined: unknown. */
export function surplusVolumesOf(
  set: StatefulSetFacts,
  surplus: readonly number[],
  existing: readonly string[] | undefined,
): SurplusVolumes | undefined {
  const names = claimsOf(set, surplus);
  if (names.length === 0) return undefined;
  const old = names.filter((name) => existing?.includes(name));
  const found =
    existing === undefined
      ? '; whether one of them is there already, with stale data, is unknown'
      : old.length === 0
        ? ''
        : `; ${some(old)} ${old.length === 1 ? 'is' : 'are'} there already, with the data of an earlier pod`;
  const after = set.deletesScaledClaims
    ? 'they are deleted when the surplus is scaled away (whenScaled: Delete)'
    : 'they stay behind when the surplus is scaled away, until they are deleted by hand';
  const text = `the surplus claims volumes: ${some(names)}${found}; ${after}`;
  return { text, mayBeStale: existing === undefined || old.length > 0 };
}
