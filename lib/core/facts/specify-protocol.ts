/**
 * Listeners of another protocol, or of two, on one Service port (TKE, Service extended protocol). The weight annotation knows a port by
 * TCP or UDP (TKE guide: as the Service port declares it), so that each kind of listener on a port has a key of its own.
 */

import { list } from '../values/read.ts';

export const SPECIFY_PROTOCOL = 'service.cloud.tencent.com/specify-protocol';

/** Which of the two carries a listener's protocol: QUIC runs over UDP (RFC 9000), everything else over TCP. */
export const carrierOf = (protocol: string): 'TCP' | 'UDP' =>
  ['UDP', 'QUIC'].includes(protocol.toUpperCase()) ? 'UDP' : 'TCP';

/** The protocols that the annotation asks for, by Service port; a port that it does not name has none. A text that cannot be read asks for nothing. */
export function specifiedProtocols(annotation: string | undefined): ReadonlyMap<number, readonly string[]> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(annotation ?? '{}');
  } catch {
    return new Map();
  }
  if (typeof parsed !== 'object' || parsed === null) return new Map();
  return new Map(
    Object.entries(parsed).map(([port, wish]) => [
      Number(port),
      [...new Set(list(wish, 'protocol').filter((each) => typeof each === 'string'))],
    ]),
  );
}

/** The keys of a Service port: that which it declares, and one for each listener that is carried otherwise. */
export function carriersOf(declared: string, specified: readonly string[] | undefined): readonly string[] {
  if (specified === undefined || specified.length < 2) return [declared];
  return [...new Set(specified.map(carrierOf))].sort();
}

/** Protocols on one port that one key would have to stand for. */
export const sharedCarrier = (specified: readonly string[]): readonly string[] | undefined =>
  [...Map.groupBy(specified, carrierOf).values()].find((protocols) => protocols.length > 1);
