/** StatusErrors in the API server's own words, for the fake. */
import { StatusError } from '../../../lib/core/errors.ts';
import type { Resource } from '../../../lib/ports.ts';

/** `pods` or `statefulsets.apps`, as the server names a resource in its messages. */
export function qualifiedResource(resource: Resource): string {
  return resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
}

function details(resource: Resource, name: string): Record<string, unknown> {
  return { name, kind: resource.plural, ...(resource.group === '' ? {} : { group: resource.group }) };
}

export function notFound(resource: Resource, name: string): StatusError {
  return new StatusError(404, 'NotFound', `${qualifiedResource(resource)} "${name}" not found`, {
    details: details(resource, name),
  });
}

export function alreadyExists(resource: Resource, name: string): StatusError {
  return new StatusError(409, 'AlreadyExists', `${qualifiedResource(resource)} "${name}" already exists`, {
    details: details(resource, name),
  });
}

export function staleVersion(resource: Resource, name: string): StatusError {
  const why = 'the object has been modified; please apply your changes to the latest version and try again';
  return new StatusError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualifiedResource(resource)} "${name}": ${why}`,
    { details: details(resource, name) },
  );
}

export function wrongUid(resource: Resource, name: string, wanted: string, found: string): StatusError {
  const why = `the UID in the precondition (${wanted}) does not match the UID in record (${found}). The object might be deleted and then recreated`;
  return new StatusError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualifiedResource(resource)} "${name}": ${why}`,
    { details: details(resource, name) },
  );
}

export function invalid(resource: Resource, name: string, field: string, message: string): StatusError {
  const kind = resource.group === '' ? resource.kind : `${resource.kind}.${resource.group}`;
  return new StatusError(422, 'Invalid', `${kind} "${name}" is invalid: ${field}: ${message}`, {
    details: { ...details(resource, name), kind: resource.kind, causes: [{ field, message }] },
  });
}

export function disruptionRefused(): StatusError {
  return new StatusError(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    details: { causes: [{ reason: 'DisruptionBudget' }] },
  });
}
