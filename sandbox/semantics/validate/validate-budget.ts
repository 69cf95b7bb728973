import { asMap, isMap, type JsonMap } from '../json.ts';
import { type FieldError, invalid, oneOf } from './field-error.ts';
import { countOrPercent } from './validate-deployment.ts';
import { validateSelector } from './validate-selector.ts';

/** Kubernetes: ValidatePodDisruptionBudget. */
export function validateBudget(object: JsonMap): FieldError[] {
  const spec = asMap(object['spec']);
  const { minAvailable, maxUnavailable, unhealthyPodEvictionPolicy: eviction } = spec;
  return [
    ...(minAvailable !== undefined && maxUnavailable !== undefined
      ? [invalid('spec', spec, 'minAvailable and maxUnavailable cannot be both set')]
      : []),
    ...shareOrCount('spec.minAvailable', minAvailable),
    ...shareOrCount('spec.maxUnavailable', maxUnavailable),
    ...(eviction === undefined
      ? []
      : oneOf('spec.unhealthyPodEvictionPolicy', eviction, ['AlwaysAllow', 'IfHealthyBudget'])),
    ...(isMap(spec['selector']) ? validateSelector('spec.selector', spec['selector']) : []),
  ];
}

function shareOrCount(field: string, value: unknown): FieldError[] {
  const errors = countOrPercent(field, value);
  return errors.length === 0 && Number(/^(\d+)%$/.exec(String(value))?.[1]) > 100
    ? [invalid(field, value, 'must not be greater than 100%')]
    : errors;
}
