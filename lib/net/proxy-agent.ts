import type { Agent, AgentOptions, ClientRequest } from 'node:http';
import type { ConnectionOptions } from 'node:tls';
import { ConnectionError } from '../core/errors.ts';
import { FREE_CONNECTION_MS } from './keep-alive.ts';
import { loadSecureContext } from './secure-context.ts';
import type { TlsMaterial } from './tls-material.ts';
import { tlsOptions } from './tls-options.ts';

/**
 * A keep-alive agent through an HTTP or HTTPS proxy (CONNECT) or a SOCKS5 one. Loaded only where a proxy is.
 * Throws ConnectionError for a proxy scheme that is not supported.
 */
export async function proxyAgent(url: URL, proxyUrl: string, tls: TlsMaterial): Promise<Agent> {
  const { protocol } = new URL(proxyUrl);
  const agent = /^socks5h?:$/.test(protocol)
    ? await socksAgent(proxyUrl)
    : /^https?:$/.test(protocol)
      ? await tunnelAgent(proxyUrl)
      : undefined;
  if (agent === undefined) throw new ConnectionError(`error: the proxy ${protocol}// cannot be used`);
  // Of the connections through the proxy, and not of the one to it.
  const inner: AgentOptions & ConnectionOptions = {
    ...(url.protocol === 'https:' && tlsOptions(tls)),
    timeout: FREE_CONNECTION_MS,
  };
  return Object.assign(agent, { options: { ...(agent as Agent & { options: AgentOptions }).options, ...inner } });
}

async function socksAgent(proxyUrl: string): Promise<Agent> {
  const { SocksProxyAgent } = await import('socks-proxy-agent');
  // Go lets the proxy look up the server's name, which may be known there alone; the agent calls that socks5h.
  return new SocksProxyAgent(proxyUrl.replace(/^socks5:/i, 'socks5h:'), { keepAlive: true });
}

async function tunnelAgent(proxyUrl: string): Promise<Agent> {
  const { HttpsProxyAgent } = await import('https-proxy-agent');
  // The connection to an HTTPS proxy is verified with any settings of the cluster.
  const toProxy = proxyUrl.startsWith('https:')
    ? { secureContext: loadSecureContext({}), rejectUnauthorized: true }
    : {};
  const agent = new HttpsProxyAgent(proxyUrl, { keepAlive: true, ...toProxy });
  // The package plays a proxy's refusal as if the server had answered it: over plain HTTP, anyone on the way could write answers.
  agent.on(
    'proxyConnect',
    ({ statusCode, statusText }: { statusCode: number; statusText: string }, request: ClientRequest) => {
      if (statusCode !== 200)
        request.destroy(new Error(`the proxy refused the tunnel: ${statusCode} ${statusText}`.trim()));
    },
  );
  return agent;
}
