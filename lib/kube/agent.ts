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
  const [{ Agent }, { getCACertificates, checkServerIdentity }, { isIP }] = await Promise.all([
    import('node:https'),
    import('node:tls'),
    import('node:net'),
  ]);
  const trusting = tls.ca === undefined && tls.rejectUnauthorized !== false;
  return new Agent({
    ...pool,
    ...tls,
    // Without a CA of its own a cluster is checked against the system's roots, as Go does; Node alone knows only its bundled ones.
    ...(trusting && { ca: [...getCACertificates('default'), ...getCACertificates('system')] }),
    // SNI cannot carry an address, so an address as TLS name is only compared, not sent.
    ...(tls.servername &&
      isIP(tls.servername) && {
        servername: '',
        checkServerIdentity: (_host: string, certificate: Parameters<typeof checkServerIdentity>[1]) =>
          checkServerIdentity(tls.servername ?? '', certificate),
      }),
  });
}
