/** The entries of metadata.managedFields. */
import { asMaps, isMap } from '../json.ts';
import { difference, type FieldSet, isEmpty } from './field-set.ts';

export interface ManagerEntry {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  /** RFC 3339; when the manager last took or gave up a field. */
  time?: string;
  fieldsType: 'FieldsV1';
  fieldsV1: FieldSet;
  subresource?: string;
}

/** The entries of an object; those that are malformed are left out, as no reader could understand them. */
export function readEntries(managedFields: unknown): readonly ManagerEntry[] {
  return asMaps(managedFields).filter(
    (entry) =>
      typeof entry['manager'] === 'string' &&
      (entry['operation'] === 'Apply' || entry['operation'] === 'Update') &&
      isMap(entry['fieldsV1']),
  ) as unknown as readonly ManagerEntry[];
}

/** One empty entry is how a client asks to forget all owners. */
export const isReset = (managedFields: unknown): boolean =>
  Array.isArray(managedFields) &&
  managedFields.length === 1 &&
  isMap(managedFields[0]) &&
  Object.keys(managedFields[0]).length === 0;

/** Whether two entries are about the same manager at work in the same way. For an apply the API version does not count. */
export function isSameManager(a: Omit<ManagerEntry, 'fieldsV1'>, b: Omit<ManagerEntry, 'fieldsV1'>): boolean {
  return (
    a.manager === b.manager &&
    a.operation === b.operation &&
    (a.subresource ?? '') === (b.subresource ?? '') &&
    (a.operation === 'Apply' || a.apiVersion === b.apiVersion)
  );
}

/** The entries without some paths; managers that own nothing any more are gone. */
export function disown(entries: readonly ManagerEntry[], paths: FieldSet): ManagerEntry[] {
  return entries.flatMap((entry) => {
    const fieldsV1 = difference(entry.fieldsV1, paths);
    return isEmpty(fieldsV1) ? [] : [{ ...entry, fieldsV1 }];
  });
}

/** A new entry, its fields in the order in which the API shows them. */
export function makeEntry(
  entry: Omit<ManagerEntry, 'fieldsType' | 'subresource' | 'time'> & {
    time?: string | undefined;
    subresource?: string | undefined;
  },
): ManagerEntry {
  const { manager, operation, apiVersion, time, fieldsV1, subresource } = entry;
  return {
    manager,
    operation,
    apiVersion,
    ...(time === undefined ? {} : { time }),
    fieldsType: 'FieldsV1',
    fieldsV1,
    ...(subresource === undefined || subresource === '' ? {} : { subresource }),
  };
}

/** Appliers first, then by time (Kubernetes: sortEncodedManagedFields). */
export function sortEntries(entries: readonly ManagerEntry[]): ManagerEntry[] {
  const rank = (entry: ManagerEntry) =>
    [entry.operation, entry.time ?? '', entry.manager, entry.apiVersion, entry.subresource ?? ''].join('\u0000');
  return entries.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1));
}
