import { asList, asMap, asMaps, asText, isMap, type JsonMap, sameJson } from '../json.ts';
import { atLeast, type FieldError, invalid, oneOf, required } from './field-error.ts';
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

/** Kubernetes: ValidateLeaseSpec. */
export function validateLease(object: JsonMap): FieldError[] {
  const spec = asMap(object['spec']);
  return [
    ...atLeast('spec.leaseDurationSeconds', spec['leaseDurationSeconds'], 1),
    ...atLeast('spec.leaseTransitions', spec['leaseTransitions']),
  ];
}

/** Rules of a Role or ClusterRole: each needs verbs, and says what they are for. */
export function validateRole(object: JsonMap): FieldError[] {
  return asMaps(object['rules']).flatMap((rule, index) => {
    const field = `rules[${index}]`;
    const has = (list: string) => asList(rule[list]).length > 0;
    const errors = has('verbs') ? [] : [required(`${field}.verbs`, 'verbs must contain at least one value')];
    if (has('nonResourceURLs')) {
      return errors;
    }
    if (!has('apiGroups')) {
      errors.push(required(`${field}.apiGroups`, 'resource rules must supply at least one api group'));
    }
    if (!has('resources')) {
      errors.push(required(`${field}.resources`, 'resource rules must supply at least one resource'));
    }
    return errors;
  });
}

/** A binding's role never changes; its subjects each have a kind and a name. */
export function validateRoleBinding(object: JsonMap, old: JsonMap | undefined): FieldError[] {
  const roleRef = asMap(object['roleRef']);
  const kinds = object['kind'] === 'ClusterRoleBinding' ? ['ClusterRole'] : ['Role', 'ClusterRole'];
  const errors = [
    ...oneOf('roleRef.kind', roleRef['kind'], kinds),
    ...(asText(roleRef['name']) === '' ? [required('roleRef.name')] : []),
    ...asMaps(object['subjects']).flatMap((subject, index) => [
      ...oneOf(`subjects[${index}].kind`, subject['kind'], ['ServiceAccount', 'User', 'Group']),
      ...(asText(subject['name']) === '' ? [required(`subjects[${index}].name`)] : []),
    ]),
  ];
  return old === undefined || sameJson(roleRef, asMap(old['roleRef']))
    ? errors
    : [...errors, invalid('roleRef', roleRef, 'cannot change roleRef')];
}
