import { asMap, field, isMap, type JsonMap, setField, withoutNulls } from '../json.ts';
import { fieldSchema, type MergeSchema, schemaOf } from './merge-schema.ts';
import { badRequest, PatchError } from './patch-error.ts';
import {
  Directive,
  dropDirectives,
  parseRetainKeys,
  stripDirectives,
  unknownPatchType,
} from './strategic-directives.ts';
import { mergeList, orderList } from './strategic-list.ts';

/**
 * Strategic merge patch (Kubernetes: apimachinery util/strategicpatch): as a merge patch, but lists with a merge key are
 * merged element by element. Neither argument is changed; fields that end up null are left out.
 * Knows `$patch: replace|delete|merge`, `$retainKeys`, `$setElementOrder/LIST` and `$deleteFromPrimitiveList/LIST`.
 * Throws PatchError: 400 for a malformed patch or directive, 500 with no reason where the real server answers so.
 */
export function strategicPatch(current: unknown, patch: unknown, kind: string): unknown {
  if (!isMap(patch)) {
    throw badRequest(
      'Invalid JSON document: a strategic merge patch is an object, for example {"spec":{"replicas":3}}',
    );
  }
  return mergeMap(isMap(current) ? current : {}, patch, schemaOf(kind));
}

function mergeMap(original: JsonMap, patch: JsonMap, schema: MergeSchema): JsonMap {
  const directive = field(patch, Directive.patch);
  switch (directive) {
    case undefined:
    case 'merge':
      break;
    case 'replace':
      return asMap(withoutNulls(stripDirectives(patch)));
    case 'delete':
      return {};
    default:
      throw unknownPatchType(directive, patch);
  }
  const retained = parseRetainKeys(patch);
  const merged: JsonMap = {};
  for (const key of Object.keys(original)) {
    if (retained === undefined || retained.has(key)) {
      setField(merged, key, original[key]);
    }
  }
  for (const key of touchedFields(patch)) {
    const rules = fieldSchema(schema, key);
    const value = mergeField(field(merged, key), patch, key, rules);
    if (value === undefined) {
      delete merged[key];
    } else {
      setField(merged, key, value);
    }
  }
  return merged;
}

/** The fields that a patch speaks of, by value or through a directive about their list. */
function touchedFields(patch: JsonMap): ReadonlySet<string> {
  const touched = new Set<string>();
  for (const key of Object.keys(patch)) {
    if (key.startsWith(Directive.order) || key.startsWith(Directive.deleteFromList)) {
      touched.add(key.slice(key.indexOf('/') + 1));
    } else if (key !== Directive.patch && key !== Directive.retainKeys) {
      touched.add(key);
    }
  }
  return touched;
}

/** The new value of one field; undefined = the field goes. */
function mergeField(original: unknown, patch: JsonMap, key: string, rules: MergeSchema): unknown {
  const value = mergeValue(original, patch, key, rules);
  const order = field(patch, `${Directive.order}${key}`);
  if (order === undefined || value === undefined) {
    return value;
  }
  if (!Array.isArray(order) || !Array.isArray(value)) {
    throw badRequest('$setElementOrder must be a list, and so must be the field that it orders');
  }
  checkOrder(field(patch, key), order, rules);
  return orderList(value, order, Array.isArray(original) ? original : [], rules);
}

function mergeValue(original: unknown, patch: JsonMap, key: string, rules: MergeSchema): unknown {
  const value = field(patch, key);
  const remaining = withoutListed(original, field(patch, `${Directive.deleteFromList}${key}`));
  if (value === undefined) {
    return remaining;
  }
  if (value === null) {
    return undefined;
  }
  if (isMap(value) && isMap(remaining)) {
    return rules.replace === true ? withoutNulls(stripDirectives(value)) : mergeMap(remaining, value, rules);
  }
  if (Array.isArray(value) && Array.isArray(remaining) && (rules.mergeKey !== undefined || rules.set === true)) {
    return mergeList(remaining, value, rules, mergeMap);
  }
  return adopted(value);
}

/** A value for a field that was not there: without directives, and without nulls, which typed servers read as "not set". */
function adopted(value: unknown): unknown {
  return withoutNulls(dropDirectives(value));
}

function withoutListed(original: unknown, listed: unknown): unknown {
  if (listed === undefined) {
    return original;
  }
  if (!Array.isArray(listed)) {
    throw badRequest('invalid patch format of primitive list');
  }
  return Array.isArray(original) ? original.filter((element) => !listed.includes(element)) : original;
}

/** Every element of the patch must have its place in the order, and in that order (Kubernetes: validatePatchWithSetOrderList). */
function checkOrder(patched: unknown, order: readonly unknown[], rules: MergeSchema): void {
  const key = rules.mergeKey;
  const identity = (element: unknown) => (key !== undefined && isMap(element) ? element[key] : element);
  const places = order.map(identity);
  let from = 0;
  for (const element of Array.isArray(patched) ? patched : []) {
    if (isMap(element) && field(element, Directive.patch) !== undefined) {
      continue;
    }
    const place = places.indexOf(identity(element), from);
    if (place < 0) {
      throw new PatchError(
        500,
        '',
        `The order in patch list:\n${JSON.stringify(patched)}\n doesn't match $setElementOrder list:\n${JSON.stringify(order)}\n`,
      );
    }
    from = place + 1;
  }
}
