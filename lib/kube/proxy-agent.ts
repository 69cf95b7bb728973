import type { Agent } from 'node:http';
import type { RequestOptions } from 'node:https';
import { ConnectionError } from '../errors.ts';
import { loadSecureContext, trustedRoots } from './secure-context.ts';
import type { TlsMaterial } from './tls-material.ts';

/**
 * A keep-alive agent through an HTTP, HTTPS or SOCKS5 proxy: KubeConfig of @kubernetes/client-node builds it.
 * Loaded only for proxied clusters. Throws ConnectionError for a proxy scheme that is not supported.
 */
export async function proxyAgent(server: URL, proxyUrl: string, tls: TlsMaterial): Promise<Agent> {
  const { KubeConfig } = await import('@kubernetes/client-node/dist/config.js');
  // Only to find out early: behind a proxy a bad certificate would surface in the middle of the tunnel.
  loadSecureContext(tls);
  const roots = trustedRoots(tls);
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [
      {
        name: 'cluster',
        server: server.href,
        proxyUrl,
        skipTLSVerify: tls.rejectUnauthorized === false,
        ...(roots && { caData: Buffer.from(Array.isArray(roots) ? roots.join('\n') : roots).toString('base64') }),
        ...(tls.servername && { tlsServerName: tls.servername }),
      },
    ],
    users: [
      {
        name: 'user',
        ...(tls.cert && { certData: tls.cert.toString('base64') }),
        ...(tls.key && { keyData: tls.key.toString('base64') }),
      },
    ],
    contexts: [{ name: 'context', cluster: 'cluster', user: 'user' }],
    currentContext: 'context',
  });
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    throw new ConnectionError(`error: the proxy ${new URL(proxyUrl).protocol}// cannot be used: ${String(error)}`);
  }
  const agent = options.agent as Agent & { keepAlive: boolean };
  agent.keepAlive = true;
  return agent;
}
