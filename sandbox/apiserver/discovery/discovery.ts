/** Discovery in both forms: one aggregated document where the client takes it, else a list per group and version. */

import { groupVersion } from '../catalogue.ts';
import { parseAccept } from '../http/accept.ts';
import { type DiscoveredResource, discover, servedGroups } from './resource-list.ts';

const AGGREGATED_TYPE = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

export interface DiscoveryAnswer {
  contentType: string;
  body: object;
}

/** The answer for /api, /apis and everything below that is no resource; undefined where there is nothing. */
export function discoveryAnswer(
  path: string,
  accept: string | undefined,
  address: string,
): DiscoveryAnswer | undefined {
  const segments = path.split('/').filter((segment) => segment !== '');
  const [prefix, first, second] = segments;
  if ((prefix !== 'api' && prefix !== 'apis') || segments.length > 3) return undefined;
  const isCore = prefix === 'api';
  if (first === undefined) {
    if (prefersAggregated(accept)) return { contentType: AGGREGATED_TYPE, body: aggregated(isCore) };
    return plain(isCore ? coreVersions(address) : groupList());
  }
  const found = servedGroups().find(({ group }) => group === (isCore ? '' : first));
  const version = isCore ? first : second;
  if (found === undefined || (version !== undefined && version !== found.version)) return undefined;
  if (isCore) return second === undefined ? plain(resourceList('', found.version)) : undefined;
  return plain(version === undefined ? groupOf(found) : resourceList(found.group, found.version));
}

const plain = (body: object | undefined): DiscoveryAnswer | undefined =>
  body === undefined ? undefined : { contentType: 'application/json', body };

function prefersAggregated(accept: string | undefined): boolean {
  const best = parseAccept(accept).find(({ type, parameters }) => {
    if (type !== 'application/json' && type !== '*/*' && type !== 'application/*') return false;
    return parameters.get('as') === undefined || parameters.get('v') === 'v2';
  });
  return best?.parameters.get('as') === 'APIGroupDiscoveryList';
}

const coreVersions = (address: string): object => ({
  kind: 'APIVersions',
  versions: ['v1'],
  serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address }],
});

const groupList = (): object => ({
  kind: 'APIGroupList',
  apiVersion: 'v1',
  groups: servedGroups()
    .filter(({ group }) => group !== '')
    .map((each) => groupFields(each)),
});

function groupFields(served: { group: string; version: string }): object {
  const version = { groupVersion: groupVersion(served), version: served.version };
  return { name: served.group, versions: [version], preferredVersion: version };
}

const groupOf = (served: { group: string; version: string }): object => ({
  kind: 'APIGroup',
  apiVersion: 'v1',
  ...groupFields(served),
});

function resourceList(group: string, version: string): object {
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: groupVersion({ group, version }),
    resources: discover(group, version).flatMap((resource) => legacyEntries(resource, group, version)),
  };
}

function legacyEntries(resource: DiscoveredResource, group: string, version: string): object[] {
  const { name, singular, namespaced, responseKind, verbs, shortNames, categories } = resource;
  const own = {
    name,
    singularName: singular,
    namespaced,
    kind: responseKind.kind,
    verbs,
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
  };
  const parts = resource.subresources.map((subresource) => {
    const { responseKind: kind } = subresource;
    const isOwn = kind.group === group && kind.version === version;
    return {
      name: `${name}/${subresource.name}`,
      singularName: '',
      namespaced,
      ...(isOwn ? {} : { group: kind.group, version: kind.version }),
      kind: kind.kind,
      verbs: subresource.verbs,
    };
  });
  return [own, ...parts];
}

function aggregated(isCore: boolean): object {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: servedGroups()
      .filter(({ group }) => (group === '') === isCore)
      .map(({ group, version }) => ({
        metadata: { ...(group === '' ? {} : { name: group }), creationTimestamp: null },
        versions: [{ version, resources: discover(group, version).map(aggregatedEntry), freshness: 'Current' }],
      })),
  };
}

const aggregatedEntry = (resource: DiscoveredResource): object => ({
  resource: resource.name,
  responseKind: resource.responseKind,
  scope: resource.namespaced ? 'Namespaced' : 'Cluster',
  singularResource: resource.singular,
  verbs: resource.verbs,
  ...(resource.shortNames.length === 0 ? {} : { shortNames: resource.shortNames }),
  ...(resource.categories.length === 0 ? {} : { categories: resource.categories }),
  ...(resource.subresources.length === 0
    ? {}
    : {
        subresources: resource.subresources.map(({ name, responseKind, verbs }) => ({
          subresource: name,
          responseKind,
          verbs,
        })),
      }),
});
