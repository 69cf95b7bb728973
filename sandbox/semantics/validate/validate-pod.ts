/** The checks of pods and of the templates that pods are made from. */

import { asList, asMap, asMaps, asText, isMap, type JsonMap, sameJson } from '../json.ts';
import { dnsLabelError, labelKeyError } from '../valid-names.ts';
import { validateEphemeralContainers, validateEphemeralUpdate } from './ephemeral-containers.ts';
import { atLeast, duplicates, type FieldError, forbidden, named, oneOf, required } from './field-error.ts';
import { validateContainer } from './validate-container.ts';
import { validateAnnotations, validateLabels } from './validate-metadata.ts';

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];

/** A pod: its spec on creation; on updates, that nothing changed but what may. */
export function validatePod(pod: JsonMap, old: JsonMap | undefined, subresource: string | undefined): FieldError[] {
  const spec = asMap(pod['spec']);
  const errors = [...validatePodSpec('spec', spec), ...validateEphemeralContainers(spec)];
  if (old === undefined) {
    return spec['ephemeralContainers'] === undefined
      ? errors
      : [...errors, forbidden('spec.ephemeralContainers', 'cannot be set on create')];
  }
  const validateUpdate = subresource === 'ephemeralcontainers' ? validateEphemeralUpdate : validatePodUpdate;
  return [...errors, ...validateUpdate(spec, asMap(old['spec']))];
}

/** The template of a workload, at `spec.template`; `claims` are the names of volumes that the workload adds itself. */
export function validateTemplate(template: unknown, claims: readonly unknown[] = []): FieldError[] {
  const field = 'spec.template';
  const { metadata, spec } = asMap(template);
  return [
    ...validateLabels(`${field}.metadata.labels`, asMap(metadata)['labels']),
    ...validateAnnotations(`${field}.metadata.annotations`, asMap(metadata)['annotations']),
    ...validatePodSpec(`${field}.spec`, asMap(spec), claims),
    ...(asMap(spec)['ephemeralContainers'] === undefined
      ? []
      : [forbidden(`${field}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template')]),
  ];
}

function validatePodSpec(field: string, spec: JsonMap, claims: readonly unknown[] = []): FieldError[] {
  const volumes = asMaps(spec['volumes']);
  const names = new Set([...volumes.map((volume) => volume['name']), ...claims]);
  const containers = asMaps(spec['containers']);
  const initContainers = asMaps(spec['initContainers']);
  return [
    ...(containers.length === 0 ? [required(`${field}.containers`)] : []),
    ...containers.flatMap((entry, index) => validateContainer(`${field}.containers[${index}]`, entry, names)),
    ...initContainers.flatMap((entry, index) => validateContainer(`${field}.initContainers[${index}]`, entry, names)),
    ...duplicates(
      [...containers, ...initContainers].map((container) => container['name']),
      (index) =>
        index < containers.length
          ? `${field}.containers[${index}].name`
          : `${field}.initContainers[${index - containers.length}].name`,
    ),
    ...volumes.flatMap((volume, index) => named(`${field}.volumes[${index}].name`, volume['name'], dnsLabelError)),
    ...duplicates(
      volumes.map((volume) => volume['name']),
      (index) => `${field}.volumes[${index}].name`,
    ),
    ...oneOf(`${field}.restartPolicy`, spec['restartPolicy'], RESTART_POLICIES),
    ...oneOf(`${field}.dnsPolicy`, spec['dnsPolicy'], DNS_POLICIES),
    ...atLeast(`${field}.terminationGracePeriodSeconds`, spec['terminationGracePeriodSeconds']),
    ...atLeast(`${field}.activeDeadlineSeconds`, spec['activeDeadlineSeconds'], 1),
    ...asMaps(spec['readinessGates']).flatMap((gate, index) =>
      named(`${field}.readinessGates[${index}].conditionType`, gate['conditionType'], labelKeyError),
    ),
    ...validateLabels(`${field}.nodeSelector`, spec['nodeSelector']),
  ];
}

const MUTABLE_TEXT =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** Kubernetes: ValidatePodUpdate. Binding and ephemeral containers have subresources of their own. */
function validatePodUpdate(spec: JsonMap, old: JsonMap): FieldError[] {
  const lists = ['containers', 'initContainers'];
  const resized = lists.filter((key) => asList(spec[key]).length !== asList(old[key]).length);
  if (resized.length > 0) {
    return resized.map((key) => forbidden(`spec.${key}`, 'pod updates may not add or remove containers'));
  }
  const errors = validateTolerations(asMaps(spec['tolerations']), asMaps(old['tolerations']));
  return sameJson(frozenPart(spec), frozenPart(old)) ? errors : [...errors, forbidden('spec', MUTABLE_TEXT)];
}

function frozenPart(spec: JsonMap): JsonMap {
  const { tolerations: _t, activeDeadlineSeconds: _a, terminationGracePeriodSeconds: _g, ...rest } = spec;
  const withoutImages = (list: unknown) =>
    asList(list).map((container) => (isMap(container) ? { ...container, image: '' } : container));
  return {
    ...rest,
    containers: withoutImages(spec['containers']),
    initContainers: withoutImages(spec['initContainers']),
    // Gates may be taken away, never added; a pod with none is free to be scheduled.
    schedulingGates: undefined,
  };
}

function validateTolerations(tolerations: readonly JsonMap[], old: readonly JsonMap[]): FieldError[] {
  const identity = ({ tolerationSeconds: _, ...rest }: JsonMap) => rest;
  const kept = old.every((toleration) =>
    tolerations.some((candidate) => sameJson(identity(candidate), identity(toleration))),
  );
  return kept
    ? []
    : [forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')];
}

/** Fields that a workload forbids in its template: its pods run until they are deleted. */
export function validateEndlessTemplate(template: unknown, kind: string): FieldError[] {
  const spec = asMap(asMap(template)['spec']);
  const restart = asText(spec['restartPolicy']);
  return [
    ...(RESTART_POLICIES.includes(restart) ? oneOf('spec.template.spec.restartPolicy', restart, ['Always']) : []),
    ...(spec['activeDeadlineSeconds'] === undefined
      ? []
      : [forbidden('spec.template.spec.activeDeadlineSeconds', `activeDeadlineSeconds in ${kind} is not Supported`)]),
  ];
}
