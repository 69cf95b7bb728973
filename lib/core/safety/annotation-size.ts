/** Annotations that the API server would not take: known before the first Service is written. */

import type { Refusal } from '../errors.ts';
import { kubectl } from '../values/command.ts';
import { RS_WEIGHT_ANNOTATION } from '../weights/rs-weight.ts';

/** Bytes of names and values of one object together (Kubernetes: apimachinery/pkg/api/validation, TotalAnnotationSizeLimitB). */
export const ANNOTATIONS_LIMIT = 256 * 1024;

const bytesOf = (annotations: Readonly<Record<string, string>>): number =>
  new TextEncoder().encode(Object.entries(annotations).flat().join('')).length;

/** Bytes of the annotations after a merge patch, where that is more than now and more than an API server accepts; undefined: they fit. */
export function excessBytes(
  now: Readonly<Record<string, string>>,
  patch: Readonly<Record<string, string | null>>,
): number | undefined {
  const merged = Object.entries({ ...now, ...patch }).filter((entry): entry is [string, string] => entry[1] !== null);
  const bytes = bytesOf(Object.fromEntries(merged));
  return bytes > ANNOTATIONS_LIMIT && bytes > bytesOf(now) ? bytes : undefined;
}

/** A refusal for each Service whose annotations would grow beyond the limit. Giving back makes them smaller, and is never refused. */
export const sizeRefusals = (plan: readonly { service: string; excess?: number }[]): Refusal[] =>
  plan.flatMap(({ service, excess }) =>
    excess === undefined
      ? []
      : [
          {
            rule: 'annotations-fit',
            message: `service/${service}: its annotations would have ${excess} bytes together, and the API server accepts ${ANNOTATIONS_LIMIT}: until restore, the former text of ${RS_WEIGHT_ANNOTATION} is kept beside it`,
            cure: kubectl('edit', 'service', service).note(
              `shorten ${RS_WEIGHT_ANNOTATION}: without StatefulSets that are gone, and with one entry for all ordinals of one weight`,
            ),
          },
        ],
  );
