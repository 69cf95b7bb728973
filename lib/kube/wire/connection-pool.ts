import type { Agent } from 'node:http';
import { agentFor } from '../../net/agent.ts';
import type { TlsMaterial } from '../../net/tls-material.ts';
import type { Identity } from '../auth/credentials.ts';

export interface ConnectionPool {
  agentFor(identity: Identity): Promise<Agent>;
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
  return {
    agentFor({ cert, key }) {
      if (current === undefined || !sameBytes(current.cert, cert)) {
        const agent = agentFor(server, cert && key ? { ...tls, cert, key } : tls, proxy);
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
