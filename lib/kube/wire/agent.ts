import { Agent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import { isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { loadSecureContext } from './secure-context.ts';
import type { TlsMaterial } from './tls-material.ts';

/** Free connections are closed after this long, before a server or a load balancer in between forgets them. */
export const FREE_CONNECTION_MS = 45_000;
/** TCP keep-alive probes begin after this long, as in Go. */
const KEEP_ALIVE_PROBE_MS = 30_000;

/** A keep-alive agent that speaks straight to the server. Throws ConnectionError when certificate or key is unusable. */
export async function directAgent(url: URL, tls: TlsMaterial): Promise<Agent> {
  const pool = { keepAlive: true, keepAliveMsecs: KEEP_ALIVE_PROBE_MS, timeout: FREE_CONNECTION_MS };
  if (url.protocol === 'http:') return new Agent(pool);
  const { servername, rejectUnauthorized } = tls;
  return new SecureAgent({
    ...pool,
    secureContext: loadSecureContext(tls),
    ...(rejectUnauthorized === false && { rejectUnauthorized }),
    // SNI cannot carry an address, so an address as TLS name is only compared, not sent.
    ...(servername && !isIP(servername) && { servername }),
    ...(servername &&
      isIP(servername) && {
        servername: '',
        checkServerIdentity: (_host: string, certificate: PeerCertificate) =>
          checkServerIdentity(servername, certificate),
      }),
  });
}
