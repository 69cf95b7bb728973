/**
 * The record of the weight annotation from before the first drain, and how it tells no annotation from a blank one.
 * A text is recorded as it was, none as '', and a blank one as a JSON string: that is no text that a drain would have accepted.
 */
import type { AnnotationState } from './annotation-text.ts';
import { DEFAULT_WEIGHT, type ParseContext, parseRsWeight } from './rs-weight.ts';

const isBlank = (text: string): boolean => text.trim() === '';

/** A text of the annotation with what it says; a blank one asks for nothing. Throws RefusedError as parseRsWeight does. */
export const annotationState = (
  text: string,
  service: string,
  reading: Partial<ParseContext> = {},
): AnnotationState => ({
  text,
  document: isBlank(text) ? { defaultWeight: DEFAULT_WEIGHT, groups: [] } : parseRsWeight(text, service, reading),
});

/** What is recorded of a former annotation; null: there was none. */
export function formerRecord(former: AnnotationState | null | undefined): string {
  if (former === null || former === undefined) return '';
  return isBlank(former.text) ? JSON.stringify(former.text) : former.text;
}

/** The former text that a record holds; null: there was no annotation. */
export function recordedText(record: string): string | null {
  if (record === '') return null;
  if (!record.startsWith('"')) return record;
  try {
    const text: unknown = JSON.parse(record);
    return typeof text === 'string' && isBlank(text) ? text : record;
  } catch {
    return record;
  }
}
