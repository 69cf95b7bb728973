import type { Agent } from 'node:http';
import type { Proof } from '../auth/credentials.ts';
import { directAgent } from './agent.ts';
import type { TlsMaterial } from './tls-material.ts';

export interface ConnectionPool {
  agentFor(proof: Proof): Promise<Agent>;
  /** Cuts every connection. */
  close(): Promise<void>;
}

/**
 * One keep-alive agent; another one when an exec plugin brings another client certificate.
 * The former is left to finish what it carries: cutting it would break a running watch.
 */
export function connectionPool(server: URL, tls: TlsMaterial, proxy: string | undefined): ConnectionPool {
  const agents = new Set<Promise<Agent>>();
  let current: { agent: Promise<Agent>; cert: Buffer | undefined } | undefined;
  const open = async (material: TlsMaterial): Promise<Agent> => {
    if (proxy === undefined) return await directAgent(server, material);
    const { proxyAgent } = await import('./proxy-agent.ts');
    return await proxyAgent(server, proxy, material);
  };
  return {
    agentFor({ cert, key }) {
      if (current === undefined || !sameBytes(current.cert, cert)) {
        const agent = open(cert && key ? { ...tls, cert, key } : tls);
        agents.add(agent);
        current = { agent, cert };
      }
      return current.agent;
    },
    async close() {
      current = undefined;
      for (const agent of await Promise.allSettled(agents)) if (agent.status === 'fulfilled') agent.value.destroy();
      agents.clear();
    },
  };
}

function sameBytes(a: Buffer | undefined, b: Buffer | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && a.equals(b));
}
