/** The entry of each resource in discovery, common to its legacy and its aggregated form. */
import { CATALOGUE, groupVersion, type ServedResource } from '../catalogue.ts';

export interface DiscoveredKind {
  group: string;
  version: string;
  kind: string;
}

export interface DiscoveredSubresource {
  name: string;
  responseKind: DiscoveredKind;
  verbs: readonly string[];
}

export interface DiscoveredResource {
  name: string;
  singular: string;
  namespaced: boolean;
  responseKind: DiscoveredKind;
  verbs: readonly string[];
  shortNames: readonly string[];
  categories: readonly string[];
  subresources: readonly DiscoveredSubresource[];
}

const ALL_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** Kinds that a subresource speaks in when it is not the resource's own, and the verbs it takes. */
const SUBRESOURCES: Readonly<Record<string, { kind?: DiscoveredKind; verbs: readonly string[] }>> = {
  status: { verbs: ['get', 'patch', 'update'] },
  ephemeralcontainers: { verbs: ['get', 'patch', 'update'] },
  finalize: { verbs: ['update'] },
  scale: { kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' }, verbs: ['get', 'patch', 'update'] },
  log: { verbs: ['get'] },
  binding: { kind: { group: '', version: 'v1', kind: 'Binding' }, verbs: ['create'] },
  eviction: { kind: { group: 'policy', version: 'v1', kind: 'Eviction' }, verbs: ['create'] },
  exec: { kind: { group: '', version: 'v1', kind: 'PodExecOptions' }, verbs: ['create', 'get'] },
  proxy: {
    kind: { group: '', version: 'v1', kind: 'PodProxyOptions' },
    verbs: ['create', 'delete', 'get', 'patch', 'update'],
  },
};

/** Kinds that are only posted and answered, never stored. */
const REVIEWS: readonly (DiscoveredKind & { plural: string })[] = [
  {
    group: 'authorization.k8s.io',
    version: 'v1',
    plural: 'selfsubjectaccessreviews',
    kind: 'SelfSubjectAccessReview',
  },
  { group: 'authentication.k8s.io', version: 'v1', plural: 'selfsubjectreviews', kind: 'SelfSubjectReview' },
];

/** The plural of a review under `group/version`; undefined when it is none. */
export const findReview = (group: string, version: string, plural: string): string | undefined =>
  REVIEWS.find((review) => review.group === group && review.version === version && review.plural === plural)?.kind;

/** Every group's versions (there is one each) in the order that kubectl shall prefer them, the core group first. */
export function servedGroups(): readonly { group: string; version: string }[] {
  const groups = [...CATALOGUE, ...REVIEWS].map(({ group, version }) => ({ group, version }));
  return [...new Map(groups.map((each) => [each.group, each])).values()].sort((a, b) =>
    a.group === '' ? -1 : b.group === '' ? 1 : 0,
  );
}

export function discover(group: string, version: string): readonly DiscoveredResource[] {
  const isHere = (each: { group: string; version: string }) => each.group === group && each.version === version;
  return [...CATALOGUE.filter(isHere).map(describe), ...REVIEWS.filter(isHere).map(describeReview)];
}

function describe(resource: ServedResource): DiscoveredResource {
  const own = { group: resource.group, version: resource.version, kind: resource.kind };
  return {
    name: resource.plural,
    singular: resource.singular,
    namespaced: resource.namespaced,
    responseKind: own,
    // Namespaces are deleted one by one, or not at all.
    verbs: ALL_VERBS.filter((verb) => verb !== 'deletecollection' || resource.kind !== 'Namespace'),
    shortNames: resource.shortNames,
    categories: resource.categories,
    subresources: resource.subresources.map((name) => ({
      name,
      responseKind: SUBRESOURCES[name]?.kind ?? own,
      verbs: SUBRESOURCES[name]?.verbs ?? [],
    })),
  };
}

const describeReview = ({ plural, ...kind }: (typeof REVIEWS)[number]): DiscoveredResource => ({
  name: plural,
  singular: kind.kind.toLowerCase(),
  namespaced: false,
  responseKind: kind,
  verbs: ['create'],
  shortNames: [],
  categories: [],
  subresources: [],
});

/** `api/v1` or `apis/apps/v1`. */
export const pathOf = (group: string, version: string): string =>
  `${group === '' ? 'api' : 'apis'}/${groupVersion({ group, version })}`;
