/** Field selectors: which fields each resource can be selected by, as the real server lists them. */
import type { KubeObject } from '../../../../lib/ports.ts';
import { asText, isMap } from '../../../semantics/json.ts';
import { resourceKey, type ServedResource } from '../../catalogue.ts';
import { badRequest } from '../../http/api-error.ts';

export interface FieldTerm {
  path: string;
  equal: boolean;
  value: string;
}

const COMMON = ['metadata.name', 'metadata.namespace'];

const INVOLVED = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];

const SELECTABLE: Readonly<Record<string, readonly string[]>> = {
  pods: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.nominatedNodeName',
  ],
  events: [...INVOLVED.map((field) => `involvedObject.${field}`), 'reason', 'reportingComponent', 'source', 'type'],
  nodes: ['spec.unschedulable'],
  namespaces: ['status.phase'],
  secrets: ['type'],
  services: ['spec.clusterIP', 'spec.type'],
  'replicasets.apps': ['status.replicas'],
};

/** Splits `a=b,c!=d`; a backslash takes the meaning from the next character. Throws 400 on a field that cannot be selected by. */
export function parseFieldSelector(text: string, resource: ServedResource): readonly FieldTerm[] {
  return splitTerms(text).map((term) => {
    const match = /^([^=!]+)(==|=|!=)(.*)$/s.exec(term);
    if (match === null)
      throw badRequest(`invalid field selector: ${term}; accepted: field=value, field==value, field!=value`);
    const path = match[1] ?? '';
    if (!COMMON.includes(path) && !(SELECTABLE[resourceKey(resource)] ?? []).includes(path)) {
      throw badRequest(notSelectable(path, resource));
    }
    return { path, equal: match[2] !== '!=', value: (match[3] ?? '').replaceAll(/\\(.)/g, '$1') };
  });
}

function notSelectable(path: string, resource: ServedResource): string {
  return resource.group === '' && resource.plural !== 'configmaps'
    ? `field label not supported: ${path}`
    : `"${path}" is not a known field selector: only "metadata.name", "metadata.namespace"`;
}

const splitTerms = (text: string): string[] =>
  (text.match(/(?:\\.|[^,\\])+/gs) ?? []).map((term) => term.trim()).filter((term) => term !== '');

/** Whether an object has all the terms. */
export const matchesFields = (terms: readonly FieldTerm[], object: KubeObject): boolean =>
  terms.every(({ path, equal, value }) => (fieldText(object, path) === value) === equal);

/** The one name that the terms leave, so that a list by name need not look at every object. */
export const soleName = (terms: readonly FieldTerm[]): string | undefined =>
  terms.find(({ path, equal }) => path === 'metadata.name' && equal)?.value;

function fieldText(object: KubeObject, path: string): string {
  let value: unknown = object;
  // An Event's source is selected by its component.
  for (const key of path === 'source' ? ['source', 'component'] : path.split('.')) {
    value = isMap(value) ? value[key] : undefined;
  }
  if (typeof value === 'boolean' || typeof value === 'number') return String(value);
  return value === undefined && BOOLEANS.has(path) ? 'false' : asText(value);
}

const BOOLEANS = new Set(['spec.unschedulable', 'spec.hostNetwork']);
