import { asList, asMap, asMaps, asText, type JsonMap } from '../json.ts';
import { ageOf } from './age-cell.ts';
import { AGE, type Columns, NAME, orNone, text } from './columns.ts';

/** Addresses and ports shown in one cell before it says `+ N more...`. */
const SHOWN = 3;

const abridged = (all: readonly string[]): string =>
  all.length > SHOWN ? `${all.slice(0, SHOWN).join(',')} + ${all.length - SHOWN} more...` : all.join(',');

/** The columns of `kubectl get endpoints`: ready addresses only. */
export const ENDPOINTS: Columns = {
  definitions: [NAME, text('Endpoints', 'Addresses that are ready, with their ports.'), AGE],
  cells(object, nowMs) {
    const pairs = asMaps(object['subsets']).flatMap(addressesOf);
    return [object.metadata.name, orNone(abridged(pairs)), ageOf(object, nowMs)];
  },
};

function addressesOf(subset: JsonMap): string[] {
  const addresses = asMaps(subset['addresses']).map((entry) => asText(entry['ip']));
  const ports = asMaps(subset['ports']);
  return ports.length === 0 ? addresses : ports.flatMap(({ port }) => addresses.map((address) => `${address}:${port}`));
}

/** The columns of `kubectl get endpointslices`: every address, ready or not. */
export const ENDPOINT_SLICE: Columns = {
  definitions: [
    NAME,
    text('AddressType', 'What kind of addresses they are.'),
    text('Ports', 'The ports of every address.'),
    text('Endpoints', 'The addresses.'),
    AGE,
  ],
  cells(object, nowMs) {
    const ports = asMaps(object['ports']).map((port) => String(port['port'] ?? '*'));
    const addresses = asMaps(object['endpoints']).flatMap((endpoint) => asList(endpoint['addresses']).map(String));
    return [
      object.metadata.name,
      asText(asMap(object)['addressType']),
      ports.length === 0 ? '<unset>' : abridged(ports),
      addresses.length === 0 ? '<unset>' : abridged(addresses),
      ageOf(object, nowMs),
    ];
  },
};
