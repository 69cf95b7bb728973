import { asList, asMap, type JsonMap } from '../json.ts';
import { type FieldError, required } from './field-error.ts';

/** The required fields of a new claim (Kubernetes: ValidatePersistentVolumeClaimSpec). Claim templates are not checked until then. */
export function validateClaim(object: JsonMap): FieldError[] {
  const spec = asMap(object['spec']);
  const requests = asMap(asMap(spec['resources'])['requests']);
  return [
    ...(asList(spec['accessModes']).length === 0
      ? [required('spec.accessModes', 'at least 1 access mode is required')]
      : []),
    ...(requests['storage'] === undefined ? [required('spec.resources[storage]')] : []),
  ];
}
