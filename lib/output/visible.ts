/**
 * Text from outside on its way to people: what would move the cursor, recolour, clear or reorder what a terminal shows is made
 * visible, as kubectl does (cli-runtime, TerminalEscaper). Data formats and files keep the exact text.
 */

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

/** The same value with every text in it visible, keys included; what holds none is returned as it is. */
export function visibleIn<T>(value: T): T {
  return shown(value) as T;
}

function shown(value: unknown): unknown {
  if (typeof value === 'string') return visible(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(shown);
  if (value instanceof Map) return new Map([...value].map(([key, each]) => [shown(key), shown(each)]));
  if (value instanceof Set) return new Set([...value].map(shown));
  if (value instanceof Error) return shownError(value);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [visible(key), shown(each)]));
}

/** Of the same class, so that whoever asks for it still finds it. */
function shownError(error: Error): Error {
  const copy = Object.create(Object.getPrototypeOf(error) as object) as Error;
  for (const key of Object.getOwnPropertyNames(error)) {
    const each: unknown = Reflect.get(error, key);
    Object.defineProperty(copy, key, {
      value: key === 'cause' ? each : shown(each),
      configurable: true,
      writable: true,
    });
  }
  return copy;
}
