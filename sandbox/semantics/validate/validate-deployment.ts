import { asMap, type JsonMap, sameJson } from '../json.ts';
import { atLeast, type FieldError, forbidden, invalid, oneOf, required } from './field-error.ts';
import { validateEndlessTemplate, validateTemplate } from './validate-pod.ts';
import { validateWorkloadSelector } from './validate-selector.ts';

/** Kubernetes: ValidateDeployment and ValidateDeploymentUpdate; a Deployment's selector never changes. */
export function validateDeployment(object: JsonMap, old: JsonMap | undefined): FieldError[] {
  const spec = asMap(object['spec']);
  return [
    ...atLeast('spec.replicas', spec['replicas']),
    ...validateWorkloadSelector(spec, 'deployment'),
    ...validateTemplate(spec['template']),
    ...validateEndlessTemplate(spec['template'], 'Deployment'),
    ...validateStrategy(asMap(spec['strategy'])),
    ...atLeast('spec.minReadySeconds', spec['minReadySeconds']),
    ...atLeast('spec.revisionHistoryLimit', spec['revisionHistoryLimit']),
    ...validateDeadline(spec),
    ...sameSelector(spec, old),
  ];
}

/** Kubernetes: ValidateReplicaSet and ValidateReplicaSetUpdate. */
export function validateReplicaSet(object: JsonMap, old: JsonMap | undefined): FieldError[] {
  const spec = asMap(object['spec']);
  return [
    ...atLeast('spec.replicas', spec['replicas']),
    ...atLeast('spec.minReadySeconds', spec['minReadySeconds']),
    ...validateWorkloadSelector(spec, 'deployment'),
    ...validateTemplate(spec['template']),
    ...validateEndlessTemplate(spec['template'], 'ReplicaSet'),
    ...sameSelector(spec, old),
  ];
}

function sameSelector(spec: JsonMap, old: JsonMap | undefined): FieldError[] {
  return old === undefined || sameJson(spec['selector'], asMap(old['spec'])['selector'])
    ? []
    : [invalid('spec.selector', spec['selector'], 'field is immutable')];
}

function validateDeadline(spec: JsonMap): FieldError[] {
  const { progressDeadlineSeconds: deadline, minReadySeconds = 0 } = spec;
  if (deadline === undefined) return [];
  return [
    ...atLeast('spec.progressDeadlineSeconds', deadline),
    ...(Number(deadline) <= Number(minReadySeconds)
      ? [invalid('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds')]
      : []),
  ];
}

function validateStrategy({ type, rollingUpdate }: JsonMap): FieldError[] {
  const field = 'spec.strategy';
  if (type === 'RollingUpdate') return validateRolling(`${field}.rollingUpdate`, asMap(rollingUpdate));
  const errors = oneOf(`${field}.type`, type, ['Recreate', 'RollingUpdate']);
  if (type !== 'Recreate' || rollingUpdate === undefined) return errors;
  return [...errors, forbidden(`${field}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")];
}

function validateRolling(field: string, { maxSurge, maxUnavailable }: JsonMap): FieldError[] {
  if (maxSurge === undefined && maxUnavailable === undefined)
    return [required(field, 'this should be defaulted and never be nil')];
  return [
    ...countOrPercent(`${field}.maxUnavailable`, maxUnavailable),
    ...countOrPercent(`${field}.maxSurge`, maxSurge),
    ...(amountOf(maxUnavailable) === 0 && amountOf(maxSurge) === 0
      ? [invalid(`${field}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0')]
      : []),
    ...(/^\d+%$/.test(String(maxUnavailable)) && amountOf(maxUnavailable) > 100
      ? [invalid(`${field}.maxUnavailable`, maxUnavailable, 'must not be greater than 100%')]
      : []),
  ];
}

const amountOf = (value: unknown): number => Number.parseInt(String(value), 10);

/** Kubernetes: ValidatePositiveIntOrPercent. */
export function countOrPercent(field: string, value: unknown): FieldError[] {
  if (typeof value !== 'string') return atLeast(field, value);
  const detail =
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
  return /^\d+%$/.test(value) ? [] : [invalid(field, value, detail)];
}
