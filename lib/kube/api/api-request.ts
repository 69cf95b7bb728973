import type { Agent, OutgoingHttpHeaders } from 'node:http';
import type { BeforeSend } from '../../ports.ts';
import type { Identity } from '../auth/credentials.ts';

/** The headers, the agent and the identity that a request is sent with. */
export interface Sender {
  headers: OutgoingHttpHeaders;
  agent: Agent;
  identity: Identity;
}

export interface ApiRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Path and query below the server's base URL. */
  path: string;
  accept?: string;
  contentType?: string;
  body?: string;
  signal?: AbortSignal | undefined;
  /** Whether a 429 or 5xx with Retry-After is waited out; default true. */
  waitsOut?: boolean;
  /** Whether it may be sent again although it may have been taken; default: reads alone. */
  repeatable?: boolean;
  /** Whether it is tried again while the server does not answer; default true. */
  persists?: boolean;
  beforeSend?: BeforeSend | undefined;
  /** Longest silence while the answer streams; default 90 s. */
  idleTimeoutMs?: number;
  /** The longest answer that is read; default: room for any object. */
  maxBytes?: number;
}

/** Carries an error that `beforeSend` threw: it ends the request, and no trouble of the connection makes it be tried again. */
export class NotSent extends Error {
  override name = 'NotSent';
}

/** A request whose `beforeSend` learns by itself whether it was sent before. It rejects with NotSent, whose cause is the error. */
export type SentAgain = Omit<ApiRequest, 'beforeSend'> & { beforeSend: () => Promise<void> };

export function countSending({ beforeSend, ...request }: ApiRequest): SentAgain {
  let again = false;
  return {
    ...request,
    beforeSend: async () => {
      try {
        await beforeSend?.(again);
      } catch (cause) {
        throw new NotSent('not sent', { cause });
      }
      again = true;
    },
  };
}
