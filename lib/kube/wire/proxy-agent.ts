import type { Agent } from 'node:http';
import type { AgentOptions, RequestOptions } from 'node:https';
import { ConnectionError } from '../../core/errors.ts';
import { FREE_CONNECTION_MS } from './agent.ts';
import { loadSecureContext } from './secure-context.ts';
import type { TlsMaterial } from './tls-material.ts';

/**
 * A keep-alive agent through an HTTP, HTTPS or SOCKS5 proxy: KubeConfig of @kubernetes/client-node builds it.
 * Loaded only for proxied clusters. Throws ConnectionError for a proxy scheme that is not supported.
 */
export async function proxyAgent(server: URL, proxyUrl: string, tls: TlsMaterial): Promise<Agent> {
  const { KubeConfig } = await import('@kubernetes/client-node/dist/config.js');
  const secureContext = loadSecureContext(tls);
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [
      {
        name: 'cluster',
        server: server.href,
        // Go lets the proxy look up the server's name, which may be known there alone; the agent calls that socks5h.
        proxyUrl: proxyUrl.replace(/^socks5:/i, 'socks5h:'),
        skipTLSVerify: tls.rejectUnauthorized === false,
        ...(tls.servername && { tlsServerName: tls.servername }),
      },
    ],
    users: [{ name: 'user' }],
    contexts: [{ name: 'context', cluster: 'cluster', user: 'user' }],
    currentContext: 'context',
  });
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    throw new ConnectionError(`error: the proxy ${new URL(proxyUrl).protocol}// cannot be used: ${String(error)}`);
  }
  const agent = options.agent as Agent & { keepAlive: boolean; options: AgentOptions };
  agent.keepAlive = true;
  // A tunnel that is asked for and never comes is given up after this time too.
  agent.options.timeout = FREE_CONNECTION_MS;
  // Trust and client certificate by our own rules, which KubeConfig has no words for.
  agent.options.secureContext = secureContext;
  return agent;
}
