import { asMap, isMap, type JsonMap } from '../json.ts';

/** The map with those of `defaults` that it has no value for; its own values win. */
export function fill(map: unknown, defaults: JsonMap): JsonMap {
  const own = asMap(map);
  const missing = Object.entries(defaults).filter(([key]) => own[key] === undefined);
  return missing.length === 0 ? own : { ...own, ...Object.fromEntries(missing) };
}

/** The map with one of its fields filled in, if it has that field at all. */
export function fillField(map: JsonMap, key: string, change: (value: JsonMap) => JsonMap): JsonMap {
  const value = map[key];
  return isMap(value) ? { ...map, [key]: change(value) } : map;
}

/** The map with each element of one of its lists filled in, if it has that list at all. */
export function fillEach(map: JsonMap, key: string, change: (value: JsonMap) => JsonMap): JsonMap {
  const list = map[key];
  return Array.isArray(list)
    ? { ...map, [key]: list.map((element) => (isMap(element) ? change(element) : element)) }
    : map;
}
