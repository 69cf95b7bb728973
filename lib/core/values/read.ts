/** Reads fields of objects of unverified shape: absent or of another type is undefined, never a guess. */
export type Json = Record<string, unknown>;

export function field(value: unknown, ...path: (string | number)[]): unknown {
  let here: unknown = value;
  for (const step of path) {
    if (typeof here !== 'object' || here === null) return undefined;
    here = (here as Json)[step];
  }
  return here;
}

export function text(value: unknown, ...path: (string | number)[]): string | undefined {
  const found = field(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

export function number(value: unknown, ...path: (string | number)[]): number | undefined {
  const found = field(value, ...path);
  return typeof found === 'number' ? found : undefined;
}

export function list(value: unknown, ...path: (string | number)[]): readonly unknown[] {
  const found = field(value, ...path);
  return Array.isArray(found) ? found : [];
}

export function texts(value: unknown, ...path: (string | number)[]): Record<string, string> {
  const found = field(value, ...path);
  if (typeof found !== 'object' || found === null) return {};
  return Object.fromEntries(
    Object.entries(found).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
}
