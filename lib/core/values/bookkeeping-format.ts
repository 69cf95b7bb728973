/**
 * The number of the format in which this program keeps its records in annotations: how a version knows what another one
 * wrote. Raised when the meaning of a record changes. A record without a number is of the first version: format 1.
 */

export const BOOKKEEPING_FORMAT = 1;

/** The number within a record that is a JSON object; undefined: it has none, or the text is no such object. */
export function formatWithin(text: string | undefined): unknown {
  try {
    return Object(JSON.parse(text ?? 'null'))['format'];
  } catch {
    return undefined;
  }
}

/** Whether this version reads records of this number, from a record or from the annotation beside it. */
export const readsFormat = (format: unknown): boolean =>
  format === undefined || format === BOOKKEEPING_FORMAT || format === String(BOOKKEEPING_FORMAT);
