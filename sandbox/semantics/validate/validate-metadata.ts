/** Names, labels, annotations, finalizers and owners: the same for every kind (Kubernetes: ValidateObjectMeta). */
import { asList, asMap, asMaps, asText, type JsonMap } from '../json.ts';
import { dns1035LabelError, dnsLabelError, dnsSubdomainError, labelKeyError, labelValueError } from '../valid-names.ts';
import { type FieldError, invalid, named, required, tooLong } from './field-error.ts';

/** All annotations of one object together, keys and values. */
const MAX_ANNOTATIONS_BYTES = 256 * 1024;

const NAME_RULES: Readonly<Record<string, (name: string) => string | undefined>> = {
  Service: dns1035LabelError,
  Namespace: dnsLabelError,
  // A DNS label since Kubernetes 1.34: the name is part of the pods' host names.
  StatefulSet: dnsLabelError,
  Role: pathSegmentError,
  ClusterRole: pathSegmentError,
  RoleBinding: pathSegmentError,
  ClusterRoleBinding: pathSegmentError,
};

export function validateMetadata(kind: string, metadata: JsonMap, old: JsonMap | undefined): FieldError[] {
  return [
    ...validateName(kind, metadata, old),
    ...validateLabels('metadata.labels', metadata['labels']),
    ...validateAnnotations('metadata.annotations', metadata['annotations']),
    ...validateFinalizers(metadata),
    ...validateOwners(metadata),
  ];
}

function validateName(kind: string, metadata: JsonMap, old: JsonMap | undefined): FieldError[] {
  const name = asText(metadata['name']);
  if (old !== undefined) {
    return name === old['name'] ? [] : [invalid('metadata.name', name, 'field is immutable')];
  }
  if (name === '') {
    return [required('metadata.name', 'name or generateName is required')];
  }
  return named('metadata.name', name, NAME_RULES[kind] ?? dnsSubdomainError);
}

/** RBAC objects may be called anything that fits into a path. */
function pathSegmentError(name: string): string | undefined {
  if (name === '.' || name === '..') {
    return `may not be '${name}'`;
  }
  const bad = ['/', '%'].find((character) => name.includes(character));
  return bad === undefined ? undefined : `may not contain '${bad}'`;
}

export function validateLabels(field: string, labels: unknown): FieldError[] {
  return Object.entries(asMap(labels)).flatMap(([key, value]) => {
    const keyError = labelKeyError(key);
    const valueError = typeof value === 'string' ? labelValueError(value) : 'must be a string';
    return [
      ...(keyError === undefined ? [] : [invalid(field, key, keyError)]),
      ...(valueError === undefined ? [] : [invalid(field, value, valueError)]),
    ];
  });
}

export function validateAnnotations(field: string, annotations: unknown): FieldError[] {
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(asMap(annotations))) {
    // Upper case is allowed in the prefix of an annotation, unlike in that of a label.
    const keyError = labelKeyError(key.toLowerCase());
    if (keyError !== undefined) {
      errors.push(invalid(field, key, keyError));
    }
    if (typeof value !== 'string') {
      errors.push(invalid(field, value, 'must be a string'));
    }
    bytes += Buffer.byteLength(key) + Buffer.byteLength(String(value));
  }
  return bytes > MAX_ANNOTATIONS_BYTES ? [...errors, tooLong(field, MAX_ANNOTATIONS_BYTES)] : errors;
}

/** The finalizers that the API's own garbage collector understands have no prefix. */
const STANDARD_FINALIZERS: readonly unknown[] = ['orphan', 'foregroundDeletion', 'kubernetes'];

function validateFinalizers(metadata: JsonMap): FieldError[] {
  return asList(metadata['finalizers']).flatMap((finalizer) => {
    if (STANDARD_FINALIZERS.includes(finalizer)) {
      return [];
    }
    const error = labelKeyError(asText(finalizer));
    return error === undefined ? [] : [invalid('metadata.finalizers', finalizer, error)];
  });
}

function validateOwners(metadata: JsonMap): FieldError[] {
  const owners = asMaps(metadata['ownerReferences']);
  const errors = owners.flatMap((owner) =>
    ['apiVersion', 'kind', 'name', 'uid']
      .filter((part) => asText(owner[part]) === '')
      .map((part) => invalid(`metadata.ownerReferences.${part}`, '', 'must not be empty')),
  );
  const controllers = owners.filter((owner) => owner['controller'] === true);
  return controllers.length > 1
    ? [
        ...errors,
        invalid(
          'metadata.ownerReferences',
          owners,
          `Only one reference can have Controller set to true. Found "true" in references for ${controllers.map((owner) => owner['name']).join(' and ')}`,
        ),
      ]
    : errors;
}
