/**
 * A weight annotation of blanks, kept from before the first drain. It asks for nothing, as no annotation does, but a
 * controller may read it as damaged and keep the weights of that moment. So going back removes the annotation first, and
 * writes the blank text once the load balancer shows the weights again.
 */

import { BOOKKEEPING_FORMAT, formatWithin, readsFormat } from '../values/bookkeeping-format.ts';
import { RS_WEIGHT_ANNOTATION } from './rs-weight.ts';

type Annotations = Readonly<Record<string, string>>;

const isBlank = (text: unknown): text is string => typeof text === 'string' && text.trim() === '';

/** The text of the weight annotation where it is blank; undefined: there is none, or it says something. */
export function blankText(annotations: Annotations): string | undefined {
  const text = annotations[RS_WEIGHT_ANNOTATION];
  return isBlank(text) ? text : undefined;
}

export const keptBlankText = (text: string): string => JSON.stringify({ text, format: BOOKKEEPING_FORMAT });

/** The blank text that a Service is owed: one is kept under `key`, and the weight annotation is gone. undefined: none. */
export function owedBlank(annotations: Annotations, key: string): string | undefined {
  const kept = annotations[key];
  if (annotations[RS_WEIGHT_ANNOTATION] !== undefined || !readsFormat(formatWithin(kept))) return undefined;
  try {
    const text: unknown = Object(JSON.parse(kept ?? 'null')).text;
    return isBlank(text) ? text : undefined;
  } catch {
    return undefined;
  }
}
