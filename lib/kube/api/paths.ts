import { ConnectionError } from '../../core/errors.ts';
import type { Resource } from '../../ports.ts';

/** `namespace` '*' means all; it is ignored for cluster-scoped resources. */
export interface PathParts {
  namespace: string;
  name?: string | undefined;
  subresource?: string | undefined;
}

/** The REST path of a resource (Kubernetes API concepts, "Resource URIs"). Throws on a name that could change the path. */
export function resourcePath(resource: Resource, { namespace, name, subresource }: PathParts): string {
  const root = resource.group === '' ? ['api'] : ['apis', resource.group];
  const scope = resource.namespaced && namespace !== '*' ? ['namespaces', segment(namespace, 'namespace')] : [];
  const object = name === undefined ? [] : [segment(name, 'name')];
  const below = subresource === undefined ? [] : [subresource];
  return `/${[...root, resource.version, ...scope, resource.plural, ...object, ...below].join('/')}`;
}

/** `?a=b&c=d` without the undefined ones; '' when nothing is left. */
export function queryString(parameters: Record<string, string | undefined>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(parameters)) if (value !== undefined) query.append(key, value);
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

function segment(text: string, what: string): string {
  if (text === '' || text === '.' || text === '..' || /[/%]/.test(text)) {
    throw new ConnectionError(`error: "${text}" is not a ${what} that an API path can carry`);
  }
  return encodeURIComponent(text);
}
