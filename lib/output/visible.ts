/**
 * Text from outside on its way to people: what would move the cursor, recolour, clear or reorder what a terminal shows is made
 * visible, as kubectl does (cli-runtime, TerminalEscaper). Data formats and files keep the exact text.
 */

import { Advice } from '../core/values/command.ts';

/** C0 but for tab and line feed, DEL, C1, line and paragraph separators, and the marks and isolates that change the reading direction (Unicode, UAX 9). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNSEEN = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** ESC as `^[`, a carriage return as `^M`, DEL as `^?`; what has no caret notation as `<U+202E>`. */
export function visible(text: string): string {
  return text.replaceAll(UNSEEN, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20 || code === 0x7f) return `^${String.fromCharCode(code ^ 0x40)}`;
    return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
  });
}

/** JSON with control characters written as `\\u202e`: a parser returns the exact text. JSON itself escapes C0 alone. */
export const visibleJson = (json: string): string =>
  json.replaceAll(
    /[\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** The same value with every text in it visible: in arrays, maps, sets, errors and plain objects, keys included. */
export function visibleIn<T>(value: T): T {
  return shown(value, new Map()) as T;
}

/** `known` holds what is being copied: an error may lead back to itself. */
function shown(value: unknown, known: Map<object, unknown>): unknown {
  if (typeof value === 'string') return visible(value);
  if (typeof value !== 'object' || value === null) return value;
  if (known.has(value)) return known.get(value);
  const each = (one: unknown) => shown(one, known);
  if (Array.isArray(value)) return value.map(each);
  if (value instanceof Map) return new Map([...value].map(([key, one]) => [each(key), each(one)]));
  if (value instanceof Set) return new Set([...value].map(each));
  if (value instanceof Error) return shownError(value, known);
  if (value instanceof Advice) return value.mapTexts(visible);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [visible(key), each(one)]));
}

/** The fields of an error that people read; others may hold a whole connection. */
const TOLD = ['message', 'stack', 'cause', 'advice', 'refusals', 'results', 'evidence', 'each'];

/** Of the same class, so that `instanceof` still holds. */
function shownError(error: Error, known: Map<object, unknown>): Error {
  const copy = Object.create(Object.getPrototypeOf(error) as object) as Error;
  known.set(error, copy);
  for (const key of Object.getOwnPropertyNames(error)) {
    const before: unknown = Reflect.get(error, key);
    const value = TOLD.includes(key) ? shown(before, known) : before;
    Object.defineProperty(copy, key, { value, configurable: true, writable: true });
  }
  return copy;
}
