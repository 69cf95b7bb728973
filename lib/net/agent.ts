import { Agent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import { FREE_CONNECTION_MS, KEEP_ALIVE_PROBE_MS } from './keep-alive.ts';
import type { TlsMaterial } from './tls-material.ts';
import { tlsOptions } from './tls-options.ts';

/**
 * A keep-alive agent for one server, through `proxy` when there is one.
 * Throws ConnectionError when certificate or key is unusable, or the proxy's scheme is not supported.
 */
export async function agentFor(url: URL, tls: TlsMaterial, proxy: string | undefined): Promise<Agent> {
  if (proxy === undefined) return directAgent(url, tls);
  const { proxyAgent } = await import('./proxy-agent.ts');
  return await proxyAgent(url, proxy, tls);
}

function directAgent(url: URL, tls: TlsMaterial): Agent {
  const pool = { keepAlive: true, keepAliveMsecs: KEEP_ALIVE_PROBE_MS, timeout: FREE_CONNECTION_MS };
  return url.protocol === 'http:' ? new Agent(pool) : new SecureAgent({ ...pool, ...tlsOptions(tls) });
}
