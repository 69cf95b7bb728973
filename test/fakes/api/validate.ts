/** The few validations of the API server that a client of ours can run into. */
import { isDeepStrictEqual } from 'node:util';
import type { KubeObject, Resource } from '../../../lib/ports.ts';
import { isMap } from '../../../sandbox/semantics/json.ts';
import { invalid } from './status.ts';

const CHANGEABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
  'revisionHistoryLimit',
];

const FORBIDDEN = `Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden`;

function withoutChangeable(spec: unknown): unknown {
  if (!isMap(spec)) return spec;
  return Object.fromEntries(Object.entries(spec).filter(([field]) => !CHANGEABLE.includes(field)));
}

/** Throws 422 for a nameless object, annotations or labels that are not text, negative replicas, and StatefulSet fields that may not change. */
export function validate(resource: Resource, before: KubeObject | undefined, after: KubeObject): void {
  const name = after.metadata.name;
  if (!name) throw invalid(resource, '', 'metadata.name', 'Required value: name or generateName is required');
  for (const field of ['labels', 'annotations'] as const) {
    for (const [key, value] of Object.entries(after.metadata[field] ?? {}))
      if (typeof value !== 'string') throw invalid(resource, name, `metadata.${field}.${key}`, 'must be a string');
  }
  const spec = after['spec'];
  const replicas = isMap(spec) ? spec['replicas'] : undefined;
  if (typeof replicas === 'number' && replicas < 0) {
    const message = `Invalid value: ${replicas}: must be greater than or equal to 0`;
    throw invalid(resource, name, 'spec.replicas', message);
  }
  if (resource.kind !== 'StatefulSet' || before === undefined) return;
  if (!isDeepStrictEqual(withoutChangeable(before['spec']), withoutChangeable(spec)))
    throw invalid(resource, name, 'spec', FORBIDDEN);
}
