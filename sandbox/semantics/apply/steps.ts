/** How the fields of a map and the elements of a list are called in a field set. */
import { field, isMap, type JsonMap } from '../json.ts';
import type { MergeSchema } from '../patch/merge-schema.ts';

/** Keys that the API fills in for elements that leave them out. */
const KEY_DEFAULTS: JsonMap = { protocol: 'TCP' };

/** The keys by which apply identifies a list's elements; undefined: the list has one owner. */
function keysOf(schema: MergeSchema): readonly string[] | undefined {
  const keys = schema.applyKeys ?? (schema.mergeKey === undefined ? undefined : [schema.mergeKey]);
  return keys === undefined || keys.length === 0 ? undefined : keys;
}

/** Whether apply looks into this list, or takes it as one value. */
export const isGranularList = (schema: MergeSchema): boolean => schema.set === true || keysOf(schema) !== undefined;

/** The element's step; undefined when it lacks a key, so that no manager can own it. */
export function elementStep(element: unknown, schema: MergeSchema): string | undefined {
  if (schema.set === true) {
    return `v:${JSON.stringify(element)}`;
  }
  const keys = keysOf(schema);
  if (keys === undefined || !isMap(element)) {
    return undefined;
  }
  const values: [string, unknown][] = [];
  for (const key of keys) {
    const value = field(element, key) ?? KEY_DEFAULTS[key];
    if (value === undefined) {
      return undefined;
    }
    values.push([key, value]);
  }
  return `k:${JSON.stringify(Object.fromEntries(values.sort(([a], [b]) => (a < b ? -1 : 1))))}`;
}

/** The elements of a list by their steps, the first of equals; elements without a step are left out. */
export function elementsByStep(list: readonly unknown[], schema: MergeSchema): Map<string, unknown> {
  const elements = new Map<string, unknown>();
  for (const element of list) {
    const step = elementStep(element, schema);
    if (step !== undefined && !elements.has(step)) {
      elements.set(step, element);
    }
  }
  return elements;
}

const ATOMIC_ELEMENT: MergeSchema = { atomic: true };
const PLAIN_ELEMENT: MergeSchema = {};

/** The rules for what is in a list's elements. */
export function elementSchema(schema: MergeSchema): MergeSchema {
  if (schema.elementAtomic === true) {
    return ATOMIC_ELEMENT;
  }
  return schema.fields === undefined ? PLAIN_ELEMENT : { fields: schema.fields };
}
