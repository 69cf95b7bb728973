/** The scale subresource: replicas alone, in the shape that autoscalers and `kubectl scale` use (autoscaling/v1 Scale). */
import type { KubeObject } from '../../../../lib/ports.ts';
import { asList, asMap, asMaps, asText, type JsonMap } from '../../../semantics/json.ts';
import type { GroupName } from '../../http/api-error.ts';
import { badRequest, invalid } from '../../http/api-error.ts';

const SCALE_KIND: GroupName = { group: 'autoscaling', name: 'Scale' };

/** The shape of a workload's scale. */
export function scaleOf(workload: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = workload.metadata;
  const spec = asMap(workload['spec']);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    },
    // A scale of zero is written as nothing (autoscaling/v1: replicas,omitempty).
    spec: Number(spec['replicas'] ?? 0) === 0 ? {} : { replicas: Number(spec['replicas']) },
    status: {
      replicas: Number(asMap(workload['status'])['replicas'] ?? 0),
      selector: selectorText(asMap(spec['selector'])),
    },
  };
}

/**
 * The workload with the replicas that a Scale asks for. The Scale's uid and resourceVersion go with it, to be checked
 * against the live ones. Throws 400 on another kind or name, 422 on a number that is no count.
 */
export function withScale(workload: KubeObject, scale: unknown): KubeObject {
  const { kind, metadata, spec } = asMap(scale);
  if (kind !== undefined && kind !== '' && kind !== 'Scale')
    throw badRequest(`a scale must be a Scale, not ${String(kind)}`);
  const { name = '', uid = '', resourceVersion = '' } = asMap(metadata);
  if (name !== '' && name !== workload.metadata.name) {
    throw badRequest(
      `the name of the object (${String(name)}) does not match the name on the URL (${workload.metadata.name})`,
    );
  }
  const replicas = asMap(spec)['replicas'] ?? 0;
  if (typeof replicas !== 'number' || !Number.isInteger(replicas)) {
    throw badRequest(`Scale in version "v1" cannot be handled as a Scale: spec.replicas must be a whole number`);
  }
  if (replicas < 0) {
    const message = `Invalid value: ${replicas}: must be greater than or equal to 0`;
    throw invalid(SCALE_KIND, workload.metadata.name, [
      { reason: 'FieldValueInvalid', message, field: 'spec.replicas' },
    ]);
  }
  return {
    ...workload,
    metadata: { ...workload.metadata, uid: asText(uid), resourceVersion: asText(resourceVersion) },
    spec: { ...asMap(workload['spec']), replicas },
  };
}

/** A label selector as text: `app=nginx,tier in (a,b)`. */
function selectorText(selector: JsonMap): string {
  const labels = Object.entries(asMap(selector['matchLabels'])).map(([key, value]) => `${key}=${String(value)}`);
  const expressions = asMaps(selector['matchExpressions']).map((expression) => {
    const key = asText(expression['key']);
    const values = `(${asList(expression['values']).map(String).join(',')})`;
    switch (expression['operator']) {
      case 'In':
        return `${key} in ${values}`;
      case 'NotIn':
        return `${key} notin ${values}`;
      case 'DoesNotExist':
        return `!${key}`;
      default:
        return key;
    }
  });
  return [...labels, ...expressions].sort().join(',');
}
