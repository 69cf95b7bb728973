/** The meaning of a weight annotation, apart from its text: the weight of each pod, and its other fields. */
import { DEFAULT_WEIGHT, type RsWeight, type StatefulSetEntry, type WeightGroup } from './rs-weight.ts';

/** Whether nothing is left in the annotation but what the first drain created. */
export function isBare(document: RsWeight): boolean {
  const { defaultWeight, groups, ...rest } = document;
  return (
    (defaultWeight ?? DEFAULT_WEIGHT) === DEFAULT_WEIGHT &&
    (groups?.length ?? 0) === 0 &&
    Object.keys(rest).length === 0
  );
}

/** Equal in meaning: the same weight for everybody, the same foreign content; order and grouping of ordinals do not count. */
export function sameMeaning(a: RsWeight | undefined, b: RsWeight | undefined): boolean {
  return meaning(a) === meaning(b);
}

function meaning(document: RsWeight | undefined): string {
  const groups = (document?.groups ?? []).map(groupMeaning).filter((text) => text !== '');
  if (document === undefined || (groups.length === 0 && isBare({ ...document, groups: [] }))) return '';
  return sortedJson({ ...document, groups: groups.sort() });
}

/** '' for a group that says nothing about anybody. */
function groupMeaning(group: WeightGroup): string {
  const entries = (group.statefulSets ?? []).filter(
    (entry) =>
      Object.keys(entry).some((key) => key !== 'name' && key !== 'weights') || expandedWeights(entry).length > 0,
  );
  if (entries.length === 0 && Object.keys(group).every((key) => key === 'key' || key === 'statefulSets')) return '';
  return sortedJson({ ...group, statefulSets: entries.map((entry) => sortedJson(expand(entry))).sort() });
}

const expand = (entry: StatefulSetEntry): object => ({ ...entry, weights: ordinalTextSort(expandedWeights(entry)) });

/** One item per ordinal, so that [0,1] in one entry equals [0] and [1] in two; none for a weight that names no ordinal. */
const expandedWeights = ({ weights = [] }: StatefulSetEntry): string[] =>
  weights.flatMap((weight) => weight.podIndexes.map((ordinal) => sortedJson({ ...weight, podIndexes: ordinal })));

const ordinalTextSort = (texts: readonly string[]): string[] => [...new Set(texts)].sort();

function sortedJson(value: object): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner) && !isRawJson(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

const isRawJson = (value: object): boolean => Object.getPrototypeOf(value) === null && 'rawJSON' in value;

/** A deep copy that keeps numbers written in a form JavaScript would change. */
export function structuredCloneJson<T>(value: T): T {
  if (Array.isArray(value)) return value.map(structuredCloneJson) as T;
  if (typeof value !== 'object' || value === null || isRawJson(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, structuredCloneJson(inner)])) as T;
}
