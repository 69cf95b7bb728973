/** Lists in a strategic merge patch: merged by key or as sets, then brought into an order that keeps what the patch and the server each say. */
import { field, isMap, type JsonMap, withoutNulls } from '../json.ts';
import type { MergeSchema } from './merge-schema.ts';
import { PatchError } from './patch-error.ts';
import { Directive, stripDirectives, unknownPatchType } from './strategic-directives.ts';

type MergeMap = (original: JsonMap, patch: JsonMap, schema: MergeSchema) => JsonMap;

/** Merges a list with a merge key, or a set of plain values. Elements that only the server has stay. */
export function mergeList(
  original: readonly unknown[],
  patch: readonly unknown[],
  rules: MergeSchema,
  mergeMap: MergeMap,
): readonly unknown[] {
  const key = rules.mergeKey;
  if (key === undefined) {
    return orderList([...new Set([...original, ...patch])], patch, original, rules);
  }
  let merged = [...original];
  const elements: JsonMap[] = [];
  let replace = false;
  for (const element of patch.filter(isMap)) {
    switch (field(element, Directive.patch)) {
      case undefined:
      case 'merge':
        elements.push(element);
        break;
      case 'replace':
        replace = true;
        break;
      case 'delete': {
        const value = keyValue(element, key);
        merged = merged.filter((candidate) => !isMap(candidate) || candidate[key] !== value);
        break;
      }
      default:
        throw unknownPatchType(element[Directive.patch], element);
    }
  }
  if (replace) {
    return elements.map((element) => withoutNulls(stripDirectives(element)));
  }
  const base = merged;
  for (const element of elements) {
    const value = keyValue(element, key);
    const index = merged.findIndex((candidate) => isMap(candidate) && candidate[key] === value);
    const found = merged[index];
    if (isMap(found)) {
      merged = merged.with(index, mergeMap(found, element, rules));
    } else {
      merged = [...merged, withoutNulls(stripDirectives(element))];
    }
  }
  return orderList(merged, elements, base, rules);
}

function keyValue(element: JsonMap, key: string): unknown {
  const value = field(element, key);
  if (value === undefined) {
    throw new PatchError(500, '', `map: ${JSON.stringify(element)} does not contain declared merge key: ${key}`);
  }
  return value;
}

/**
 * The list in the order that `wanted` gives to its elements. Elements it does not name keep their order among
 * themselves and stand where the server's order had them, as far as that is known (Kubernetes: normalizeElementOrder);
 * so new elements come before the server's own.
 */
export function orderList(
  list: readonly unknown[],
  wanted: readonly unknown[],
  serverOrder: readonly unknown[],
  rules: MergeSchema,
): readonly unknown[] {
  const key = rules.mergeKey;
  const identity = (element: unknown) => (key !== undefined && isMap(element) ? element[key] : element);
  const place = new Map(wanted.map((element, index) => [identity(element), index]));
  const serverPlace = new Map(serverOrder.map((element, index) => [identity(element), index]));
  const named = list
    .filter((element) => place.has(identity(element)))
    .sort((a, b) => (place.get(identity(a)) ?? 0) - (place.get(identity(b)) ?? 0));
  const others = list.filter((element) => !place.has(identity(element)));
  const ordered: unknown[] = [];
  for (const element of named) {
    const here = serverPlace.get(identity(element));
    while (here !== undefined && others.length > 0) {
      const other = serverPlace.get(identity(others[0]));
      if (other === undefined || other >= here) {
        break;
      }
      ordered.push(others.shift());
    }
    ordered.push(element);
  }
  return [...ordered, ...others];
}
