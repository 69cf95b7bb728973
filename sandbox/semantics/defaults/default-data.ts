import { asMap, type JsonMap } from '../json.ts';
import { fill, fillEach } from './fill.ts';

/** A Secret's type; `stringData` is written into `data`, in base64, and never kept. */
export function withSecretDefaults(object: JsonMap): JsonMap {
  const { stringData, ...rest } = fill(object, { type: 'Opaque' });
  const entries = Object.entries(asMap(stringData));
  if (entries.length === 0) {
    return rest;
  }
  const encoded = entries.map(([key, text]) => [key, Buffer.from(String(text)).toString('base64')]);
  return { ...rest, data: { ...asMap(rest['data']), ...Object.fromEntries(encoded) } };
}

const withPortProtocol = (port: JsonMap) => fill(port, { protocol: 'TCP' });

/** Ports of Endpoints speak TCP unless they say otherwise. */
export function withEndpointDefaults(object: JsonMap): JsonMap {
  return fillEach(object, 'subsets', (subset) => fillEach(subset, 'ports', withPortProtocol));
}

/** Ports of an EndpointSlice speak TCP and are called '' unless they say otherwise. */
export function withEndpointSliceDefaults(object: JsonMap): JsonMap {
  return fillEach(object, 'ports', (port) => fill(withPortProtocol(port), { name: '' }));
}
