import { isMap, type JsonMap, setField } from '../json.ts';
import { fieldSchema, type MergeSchema } from '../patch/merge-schema.ts';
import { EMPTY, type FieldSet, includes } from './field-set.ts';
import { elementSchema, elementStep } from './steps.ts';

/**
 * The value without the fields at the paths of `dropped`, unless some manager still owns them or something inside them
 * (`owned`). A list element goes as a whole, with the defaults that no manager owns. An empty rest goes too.
 */
export function prune(value: unknown, dropped: FieldSet, owned: FieldSet, schema: MergeSchema): unknown {
  if (isMap(value)) {
    return pruneMap(value, dropped, owned, schema);
  }
  return Array.isArray(value) ? pruneList(value, dropped, owned, schema) : value;
}

function pruneMap(map: JsonMap, dropped: FieldSet, owned: FieldSet, schema: MergeSchema): JsonMap {
  const kept: JsonMap = {};
  for (const key of Object.keys(map)) {
    const value = pruneStep(`f:${key}`, map[key], dropped, owned, fieldSchema(schema, key));
    if (value !== undefined) {
      setField(kept, key, value);
    }
  }
  return kept;
}

function pruneList(list: readonly unknown[], dropped: FieldSet, owned: FieldSet, schema: MergeSchema): unknown[] {
  const inner = elementSchema(schema);
  return list
    .map((element) => {
      const step = elementStep(element, schema);
      return step === undefined ? element : pruneStep(step, element, dropped, owned, inner);
    })
    .filter((element) => element !== undefined);
}

function pruneStep(step: string, value: unknown, dropped: FieldSet, owned: FieldSet, schema: MergeSchema): unknown {
  const below = dropped[step];
  if (below === undefined) {
    return value;
  }
  // Owning something inside a list element does not keep the element: that takes owning the element itself.
  const kept = step.startsWith('k:') && !includes(owned, step) ? undefined : owned[step];
  if (includes(dropped, step) && kept === undefined) {
    return undefined;
  }
  const pruned = prune(value, below, kept ?? EMPTY, schema);
  return kept === undefined && isEmptyNow(value, pruned) ? undefined : pruned;
}

const sizeOf = (value: unknown): number =>
  isMap(value) ? Object.keys(value).length : Array.isArray(value) ? value.length : 1;

const isEmptyNow = (before: unknown, after: unknown): boolean => sizeOf(before) > 0 && sizeOf(after) === 0;
