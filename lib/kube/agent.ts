import type { Agent } from 'node:http';
import type { TlsMaterial } from './tls-material.ts';

/** Free connections are closed after this long, before a server or a load balancer in between forgets them. */
const FREE_CONNECTION_MS = 45_000;
/** TCP keep-alive probes begin after this long, as in Go. */
const KEEP_ALIVE_PROBE_MS = 30_000;

/** A keep-alive agent that speaks straight to the server. Throws when certificate or key is not PEM. */
export async function directAgent(url: URL, tls: TlsMaterial): Promise<Agent> {
  const pool = { keepAlive: true, keepAliveMsecs: KEEP_ALIVE_PROBE_MS, timeout: FREE_CONNECTION_MS };
  if (url.protocol === 'http:') {
    const { Agent } = await import('node:http');
    return new Agent(pool);
  }
  const [{ Agent }, { checkServerIdentity }, { isIP }] = await Promise.all([
    import('node:https'),
    import('node:tls'),
    import('node:net'),
  ]);
  return new Agent({
    ...pool,
    ...tls,
    ca: await trustedRoots(tls),
    // SNI cannot carry an address, so an address as TLS name is only compared, not sent.
    ...(tls.servername &&
      isIP(tls.servername) && {
        servername: '',
        checkServerIdentity: (_host: string, certificate: Parameters<typeof checkServerIdentity>[1]) =>
          checkServerIdentity(tls.servername ?? '', certificate),
      }),
  });
}

/**
 * The cluster's CA; without one, Node's bundled roots and the system's, as Go trusts the system.
 * Undefined when nothing is checked.
 */
export async function trustedRoots({ ca, rejectUnauthorized }: TlsMaterial): Promise<Buffer | string[] | undefined> {
  if (ca !== undefined || rejectUnauthorized === false) return ca;
  const { getCACertificates } = await import('node:tls');
  return [...getCACertificates('default'), ...getCACertificates('system')];
}
