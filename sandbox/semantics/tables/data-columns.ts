/** Tables of objects that hold data or a name, and of every kind without a table of its own. */

import { asMap, asText } from '../json.ts';
import { ageOf } from './age-cell.ts';
import { AGE, type Columns, NAME, NONE, number, text } from './columns.ts';

const sizeOf = (map: unknown) => Object.keys(asMap(map)).length;

/** The columns of resources without a table of their own. */
export const GENERIC: Columns = {
  definitions: [NAME, AGE],
  cells: (object, nowMs) => [object.metadata.name, ageOf(object, nowMs)],
};

/** The columns of `kubectl get namespaces`. */
export const NAMESPACE: Columns = {
  definitions: [NAME, text('Status', 'Active, or Terminating.'), AGE],
  cells: (object, nowMs) => [object.metadata.name, asText(asMap(object['status'])['phase']), ageOf(object, nowMs)],
};

/** The columns of `kubectl get configmaps`. */
export const CONFIG_MAP: Columns = {
  definitions: [NAME, text('Data', 'How many entries it has.'), AGE],
  cells: (object, nowMs) => [
    object.metadata.name,
    sizeOf(object['data']) + sizeOf(object['binaryData']),
    ageOf(object, nowMs),
  ],
};

/** The columns of `kubectl get leases`. */
export const LEASE: Columns = {
  definitions: [NAME, text('Holder', 'Who holds it.'), AGE],
  cells: (object, nowMs) => [
    object.metadata.name,
    asText(asMap(object['spec'])['holderIdentity']),
    ageOf(object, nowMs),
  ],
};

/** The columns of `kubectl get controllerrevisions`. */
export const CONTROLLER_REVISION: Columns = {
  definitions: [
    NAME,
    text('Controller', 'What it is a revision of.'),
    number('Revision', 'Its number; the highest is the newest.'),
    AGE,
  ],
  cells(object, nowMs) {
    const owner = object.metadata.ownerReferences?.find(({ controller }) => controller === true);
    return [
      object.metadata.name,
      owner === undefined ? NONE : `${kindInGroup(owner.kind, owner.apiVersion)}/${owner.name}`,
      typeof object['revision'] === 'number' ? object['revision'] : 0,
      ageOf(object, nowMs),
    ];
  },
};

/** `statefulset.apps`: a kind with its group, as resources are called on a command line. */
function kindInGroup(kind: string, apiVersion: string): string {
  const group = apiVersion.includes('/') ? `.${apiVersion.split('/')[0]}` : '';
  return `${kind.toLowerCase()}${group}`;
}
