/** Small requests to servers that are neither the cluster nor the cloud, such as Prometheus. */

import { get as getPlainly, type IncomingMessage } from 'node:http';
import { get as getSecurely } from 'node:https';
import { agentFor } from './agent.ts';
import { environmentProxy } from './proxy.ts';
import { readBody } from './read-body.ts';

export interface GetOptions {
  headers: Readonly<Record<string, string>>;
  /** Names the proxy. */
  env: Readonly<Record<string, string | undefined>>;
  /** Ends the request at any moment; its reason is thrown. */
  signal: AbortSignal;
  maxBytes: number;
}

/**
 * One GET on a connection of its own, verified by Node's and the system's roots, through the environment's proxy.
 * Redirects are not followed: `location` names where one leads. Throws Error when there is no whole answer.
 */
export async function getText(
  url: URL,
  { headers, env, signal, maxBytes }: GetOptions,
): Promise<{ status: number; location: string | undefined; text: string }> {
  const agent = await agentFor(url, {}, environmentProxy(url, env));
  try {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const get = url.protocol === 'https:' ? getSecurely : getPlainly;
      const request = get(url, { agent, headers, signal }, resolve);
      request.on('error', reject);
      // A request that waits for a proxy's answer emits nothing when it is aborted.
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    const text = await readBody(answer, maxBytes);
    return { status: answer.statusCode ?? 0, location: answer.headers.location, text };
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    agent.destroy();
  }
}
