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

/** The longest text of another writer that becomes a part of a sentence of ours, in UTF-16 units. */
const MOST = 300;

/**
 * A text that another writer chose, as a part of one line: white space and control characters become one blank, so that it
 * cannot begin a line that looks like one of ours; the end of a long one is cut off.
 */
export function oneLine(text: string): string {
  const folded = text.replaceAll(/[\s\p{Cc}\u2028\u2029]+/gu, ' ').trim();
  return folded.length <= MOST ? folded : `${folded.slice(0, MOST - 1).trimEnd()}…`;
}

/** A server's sentence of several lines as one, however long. Other control characters are made visible where it is printed. */
export const inOneLine = (text: string): string => text.trim().replaceAll(/\s*\n\s*/g, ' ');
