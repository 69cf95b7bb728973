/** Content negotiation: plain objects, Tables for `kubectl get`, or metadata alone. JSON is the only encoding served. */
import { ApiError } from './api-error.ts';

export type Representation = 'object' | 'table' | 'metadata';

interface MediaRange {
  type: string;
  parameters: ReadonlyMap<string, string>;
}

/** The ranges of an Accept header in the order of the client's preference (RFC 9110, 12.5.1; q is honoured, order breaks ties). */
export function parseAccept(header: string | undefined): readonly MediaRange[] {
  const ranges = (header === undefined || header.trim() === '' ? '*/*' : header).split(',').map((part) => {
    const [type = '', ...fields] = part.split(';').map((field) => field.trim());
    const parameters = new Map(
      fields.map((field) => {
        const [key = '', value = ''] = field.split('=');
        return [key.toLowerCase(), value];
      }),
    );
    return { type: type.toLowerCase(), parameters };
  });
  return ranges.filter((range) => quality(range) > 0).sort((a, b) => quality(b) - quality(a));
}

const quality = (range: MediaRange): number => Number(range.parameters.get('q') ?? '1');

const JSON_RANGES = new Set(['application/json', 'application/*', '*/*']);

/** The best representation of an object that the client takes. Throws 406 when it takes no JSON at all. */
export function chooseRepresentation(header: string | undefined): Representation {
  for (const { type, parameters } of parseAccept(header)) {
    if (!JSON_RANGES.has(type)) continue;
    const as = parameters.get('as');
    if (as === undefined) return 'object';
    if (parameters.get('g') !== 'meta.k8s.io' || parameters.get('v') !== 'v1') continue;
    if (as === 'Table') return 'table';
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') return 'metadata';
  }
  throw new ApiError(406, 'NotAcceptable', 'only the following media types are accepted: application/json', {});
}
