/** The subject of a request, read from its method and path (Kubernetes API conventions, "Resource paths"). */
import { badRequest } from './api-error.ts';

export type RequestVerb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

export interface ResourceRequest {
  kind: 'resource';
  verb: RequestVerb;
  group: string;
  version: string;
  plural: string;
  namespace: string | undefined;
  /** The object on the path. */
  name: string | undefined;
  /** The one name that a list or watch selects; it counts for authorization, so that a rule with resourceNames covers it. */
  selectedName: string | undefined;
  subresource: string | undefined;
  /** The path behind the subresource, with its leading slash: the path of a proxied request. */
  subpath: string;
}

/** A path that is no resource: discovery, OpenAPI, health, version. */
export interface PathRequest {
  kind: 'path';
  /** The method in lower case, as RBAC's nonResourceURLs rules name it. */
  verb: string;
  path: string;
}

export type RequestInfo = ResourceRequest | PathRequest;

/** Below a namespace these are parts of the namespace itself, not resources in it. */
const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize']);

/** Throws 400 on an escape in the path that does not decode. */
export function parseRequestInfo(method: string, url: URL): RequestInfo {
  const path = url.pathname;
  const segments = path.split('/').filter((segment, index, all) => segment !== '' || index === all.length - 1);
  const prefix = segments[0];
  const versionAt = prefix === 'api' ? 1 : prefix === 'apis' ? 2 : -1;
  const rest = segments.slice(versionAt + 1);
  if (versionAt < 0 || rest.length === 0 || rest[0] === '') return { kind: 'path', verb: method.toLowerCase(), path };
  const place = { group: versionAt === 1 ? '' : (segments[1] ?? ''), version: segments[versionAt] ?? '' };
  return withVerb(method, url, { ...place, ...parsePlace(rest.map(decode)) });
}

type Place = Pick<ResourceRequest, 'plural' | 'namespace' | 'name' | 'subresource' | 'subpath'>;

function parsePlace(segments: readonly string[]): Place {
  const [first = '', second, third, fourth, fifth] = segments;
  const inNamespace =
    first === 'namespaces' && second !== undefined && third !== undefined && !NAMESPACE_SUBRESOURCES.has(third);
  const [plural, name, subresource] = inNamespace ? [third, fourth, fifth] : [first, second, third];
  return {
    plural,
    namespace: inNamespace ? second : undefined,
    name: name === '' ? undefined : name,
    subresource,
    subpath: segments
      .slice(inNamespace ? 5 : 3)
      .map((segment) => `/${segment}`)
      .join(''),
  };
}

const COLLECTION_VERBS: readonly RequestVerb[] = ['list', 'watch', 'deletecollection'];

function withVerb(
  method: string,
  url: URL,
  place: Place & Pick<ResourceRequest, 'group' | 'version'>,
): ResourceRequest {
  const verb = verbOf(method, url, place.name !== undefined);
  const selectedName = COLLECTION_VERBS.includes(verb) ? selectedNameOf(url) : undefined;
  return { kind: 'resource', ...place, verb, selectedName };
}

function verbOf(method: string, url: URL, named: boolean): RequestVerb {
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (isTrue(url.searchParams.get('watch'))) return 'watch';
      return named ? 'get' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return named ? 'delete' : 'deletecollection';
    default:
      return 'get';
  }
}

/** How the real server reads a boolean in a query: present counts unless it says otherwise. */
export const isTrue = (value: string | null): boolean => value !== null && value !== '0' && value !== 'false';

function selectedNameOf(url: URL): string | undefined {
  return /^metadata\.name==?([^,!=]+)$/.exec(url.searchParams.get('fieldSelector') ?? '')?.[1];
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest(`invalid URL escape in "${segment}"`);
  }
}
