/**
 * The number of the format in which this program keeps its bookkeeping in annotations: how a version knows what another one
 * wrote. Raised when its meaning changes. Bookkeeping without a number is of the first version: format 1.
 */

export const BOOKKEEPING_FORMAT = 1;

/** The number within bookkeeping that is a JSON object; undefined: it has none, or the text is no such object. */
export function formatWithin(text: string | undefined): unknown {
  try {
    return Object(JSON.parse(text ?? 'null'))['format'];
  } catch {
    return undefined;
  }
}

/** Whether this version reads bookkeeping of this number, from within it or from the annotation beside it. */
export const readsFormat = (format: unknown): boolean =>
  format === undefined || format === BOOKKEEPING_FORMAT || format === String(BOOKKEEPING_FORMAT);
