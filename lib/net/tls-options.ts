import { isIP } from 'node:net';
import { type ConnectionOptions, checkServerIdentity, type PeerCertificate } from 'node:tls';
import { loadSecureContext } from './secure-context.ts';
import type { TlsMaterial } from './tls-material.ts';

/**
 * Options of every TLS connection to a server. rejectUnauthorized is always there: left out, Node would take it from
 * NODE_TLS_REJECT_UNAUTHORIZED. Throws ConnectionError when certificate or key is unusable.
 */
export function tlsOptions(tls: TlsMaterial): ConnectionOptions {
  const { servername, rejectUnauthorized = true } = tls;
  return {
    secureContext: loadSecureContext(tls),
    rejectUnauthorized,
    // SNI cannot carry an address, so an address as TLS name is only compared, not sent.
    ...(servername && !isIP(servername) && { servername }),
    ...(servername &&
      isIP(servername) && {
        servername: '',
        checkServerIdentity: (_host: string, certificate: PeerCertificate) =>
          checkServerIdentity(servername, certificate),
      }),
  };
}
