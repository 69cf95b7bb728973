/** Good answers with one part changed into anything, for laws about their readers. */
import fc from 'fast-check';

type Json = unknown;

/** Values that a server that lies, or another one in its place, may put anywhere. */
const garbage: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(null, {}, [], [null], '', 'x', '-1', 0, -1, 0.5, 1e308, true, { items: null }, [[]], [{}]),
  // A value that cannot be made a text.
  fc.constant({ toString: false, valueOf: null }),
  fc.jsonValue({ maxDepth: 1 }),
);

/** Every path to a value, the root first. */
function pathsOf(value: Json, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  const keys = Array.isArray(value) ? value.map((_, index) => index) : Object.keys(value);
  return [path, ...keys.flatMap((key) => pathsOf((value as Record<string, Json>)[key as string], [...path, key]))];
}

function replaced(value: Json, [first, ...rest]: readonly (string | number)[], by: Json): Json {
  if (first === undefined) return by;
  const copy: Json = Array.isArray(value) ? [...value] : { ...(value as object) };
  (copy as Record<string, Json>)[first as string] = replaced(
    (value as Record<string, Json>)[first as string],
    rest,
    by,
  );
  return copy;
}

/** `good` with one value, anywhere in it, replaced by garbage; never the whole of it. */
export const mutated = <T extends object>(good: T): fc.Arbitrary<T> => {
  const paths = pathsOf(good).filter((path) => path.length > 0);
  return fc.tuple(fc.constantFrom(...paths), garbage).map(([path, by]) => replaced(good, path, by) as T);
};
