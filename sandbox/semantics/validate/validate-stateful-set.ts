import { asMap, asMaps, type JsonMap, sameJson } from '../json.ts';
import { dnsLabelError } from '../valid-names.ts';
import { atLeast, type FieldError, forbidden, invalid, named, oneOf, required } from './field-error.ts';
import { validateEndlessTemplate, validateTemplate } from './validate-pod.ts';
import { validateWorkloadSelector } from './validate-selector.ts';

/** The fields of a StatefulSet's spec that may change, in the order in which the real server names them. */
const MUTABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];
const IMMUTABLE_TEXT =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

/** Kubernetes: ValidateStatefulSet and ValidateStatefulSetUpdate. */
export function validateStatefulSet(object: JsonMap, old: JsonMap | undefined): FieldError[] {
  const spec = asMap(object['spec']);
  const claims = asMaps(spec['volumeClaimTemplates']).map((claim) => asMap(claim['metadata'])['name']);
  const errors = [
    ...validateManagement(spec['podManagementPolicy']),
    ...validateUpdateStrategy(asMap(spec['updateStrategy'])),
    ...validateRetention(asMap(spec['persistentVolumeClaimRetentionPolicy'])),
    ...atLeast('spec.replicas', spec['replicas']),
    ...atLeast('spec.minReadySeconds', spec['minReadySeconds']),
    ...atLeast('spec.revisionHistoryLimit', spec['revisionHistoryLimit']),
    ...atLeast('spec.ordinals.start', asMap(spec['ordinals'])['start']),
    ...validateServiceName(spec['serviceName'], old),
    ...validateWorkloadSelector(spec, 'statefulset'),
    ...validateTemplate(spec['template'], claims),
    ...validateEndlessTemplate(spec['template'], 'StatefulSet'),
  ];
  return old === undefined || sameJson(immutablePart(spec), immutablePart(asMap(old['spec'])))
    ? errors
    : [...errors, forbidden('spec', IMMUTABLE_TEXT)];
}

function immutablePart(spec: JsonMap): JsonMap {
  return Object.fromEntries(Object.entries(spec).filter(([key]) => !MUTABLE.includes(key)));
}

/** Checked on creation alone, as it cannot change afterwards. */
function validateServiceName(name: unknown, old: JsonMap | undefined): FieldError[] {
  return old !== undefined || name === undefined || name === ''
    ? []
    : named('spec.serviceName', String(name), dnsLabelError);
}

function validateManagement(policy: unknown): FieldError[] {
  const field = 'spec.podManagementPolicy';
  if (policy === undefined || policy === '') {
    return [required(field)];
  }
  return policy === 'OrderedReady' || policy === 'Parallel'
    ? []
    : [invalid(field, policy, "must be 'OrderedReady' or 'Parallel'")];
}

function validateUpdateStrategy(strategy: JsonMap): FieldError[] {
  const field = 'spec.updateStrategy';
  const { type, rollingUpdate } = strategy;
  switch (type) {
    case 'RollingUpdate':
      return atLeast(`${field}.rollingUpdate.partition`, asMap(rollingUpdate)['partition']);
    case 'OnDelete':
      return rollingUpdate === undefined
        ? []
        : [invalid(`${field}.rollingUpdate`, rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'")];
    case undefined:
    case '':
      return [required(field)];
    default:
      return [invalid(field, strategy, "must be 'RollingUpdate' or 'OnDelete'")];
  }
}

function validateRetention(policy: JsonMap): FieldError[] {
  return ['whenDeleted', 'whenScaled'].flatMap((when) =>
    oneOf(`spec.persistentVolumeClaimRetentionPolicy.${when}`, policy[when], ['Retain', 'Delete']),
  );
}
