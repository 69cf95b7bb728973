/** The JSON helpers of the semantics: which values are maps, when two are equal, and reading and building maps safely. */

export type JsonMap = Record<string, unknown>;

/** True for a JSON object: not null, not a list. */
export function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as a map; anything else is an empty one, as a missing field reads in the API. */
export function asMap(value: unknown): JsonMap {
  return isMap(value) ? value : {};
}

/** The value as a list; anything else is an empty one. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The maps of a list; other elements are left out. */
export function asMaps(value: unknown): readonly JsonMap[] {
  return asList(value).filter(isMap);
}

/** The value as a text; anything else is ''. */
export function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** An own field only: a key such as `constructor` or `__proto__` in a client's JSON never reaches Object.prototype. */
export function field(map: JsonMap, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** Sets an own field, `__proto__` included, which plain assignment would turn into a change of prototype. */
export function setField(map: JsonMap, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    map[key] = value;
  }
}

/** Equality of JSON values: key order does not count, list order does. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) {
    return true;
  }
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((element, index) => sameJson(element, b[index]));
  }
  if (!isMap(a) || !isMap(b)) {
    return false;
  }
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key], b[key]))
  );
}

/**
 * The value without null map fields: typed servers read null as "not set". Nulls in lists stay.
 * Parts that hold no null are shared with the argument, not copied.
 */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) {
    const elements = value.map(withoutNulls);
    return elements.every((element, index) => element === value[index]) ? value : elements;
  }
  if (!isMap(value)) {
    return value;
  }
  let same = true;
  const kept: JsonMap = {};
  for (const key of Object.keys(value)) {
    const part = value[key];
    const clean = part === null || part === undefined ? undefined : withoutNulls(part);
    same &&= clean !== undefined && clean === part;
    if (clean !== undefined) {
      setField(kept, key, clean);
    }
  }
  return same ? value : kept;
}
