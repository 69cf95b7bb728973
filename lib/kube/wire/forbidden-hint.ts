import { type Advice, advice, kubectl } from '../../core/values/command.ts';

/** The authorizer's sentence (apiserver, responsewriters.Forbidden). */
const FORBIDDEN =
  /cannot (?<verb>\S+) resource "(?<resource>[^"/]+)\/?(?<sub>[^"]*)" in API group "(?<group>[^"]*)"(?: in the namespace "(?<namespace>[^"]+)")?/;

/** The `kubectl auth can-i` question that a 403's sentence calls for. */
export function forbiddenHint(serverMessage: string, details: unknown): Advice {
  const { verb, resource, sub, group, namespace } = FORBIDDEN.exec(serverMessage)?.groups ?? {};
  if (verb === undefined) return advice`ask with: ${kubectl('auth', 'can-i', '--list')}`;
  const { name } = (details ?? {}) as { name?: string };
  const object = `${resource}${group ? `.${group}` : ''}${name ? `/${name}` : ''}`;
  const subresource = sub ? [`--subresource=${sub}`] : [];
  return advice`ask with: ${kubectl('auth', 'can-i', verb, object, ...subresource, ...(namespace ? ['-n', namespace] : []))}`;
}
