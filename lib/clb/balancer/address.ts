import { isIPv6 } from 'node:net';

/** IP addresses in one spelling, the one Kubernetes uses: IPv6 shortened and in lower case (RFC 5952). Anything else stays as it is. */
export function canonicalAddress(address: string): string {
  // Most are IPv4, and there are thousands: a colon is looked for before the whole grammar.
  return address.includes(':') && isIPv6(address) && !address.includes('%')
    ? new URL(`http://[${address}]`).hostname.slice(1, -1)
    : address;
}
