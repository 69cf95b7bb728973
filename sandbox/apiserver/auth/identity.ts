/** The author of a request: a client certificate's CN and O, or a bearer token's owner. */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { unauthorized } from '../http/api-error.ts';

export interface UserIdentity {
  user: string;
  groups: readonly string[];
  uid?: string;
}

/** Every user who proved who they are is in this group. */
export const AUTHENTICATED = 'system:authenticated';

/** Members may do everything, whatever RBAC says. */
export const MASTERS = 'system:masters';

/** Bearer tokens and their owners; only digests are kept. */
export class Tokens {
  readonly #owners = new Map<string, UserIdentity>();

  add(token: string, owner: UserIdentity): void {
    this.#owners.set(digest(token), owner);
  }

  find(token: string): UserIdentity | undefined {
    return this.#owners.get(digest(token));
  }
}

const digest = (token: string): string => createHash('sha256').update(token).digest('base64');

const certified = new WeakMap<TLSSocket, UserIdentity | null>();

/** The user behind a request. Throws 401 when there is no credential, or when the one there is cannot be trusted. */
export function authenticate(request: IncomingMessage, tokens: Tokens): UserIdentity {
  const identity = fromCertificate(request.socket as TLSSocket) ?? fromToken(request.headers.authorization, tokens);
  if (identity === undefined) throw unauthorized();
  return { ...identity, groups: [...new Set([...identity.groups, AUTHENTICATED])] };
}

function fromCertificate(socket: TLSSocket): UserIdentity | undefined {
  let identity = certified.get(socket);
  if (identity === undefined) {
    identity = socket.authorized ? subjectOf(socket) : null;
    certified.set(socket, identity);
  }
  return identity ?? undefined;
}

function subjectOf(socket: TLSSocket): UserIdentity | null {
  const subject = socket.getPeerCertificate().subject as { CN?: string; O?: string | string[] } | undefined;
  if (subject?.CN === undefined) return null;
  return { user: subject.CN, groups: [subject.O ?? []].flat() };
}

function fromToken(header: string | undefined, tokens: Tokens): UserIdentity | undefined {
  const token = /^Bearer\s+(\S+)\s*$/i.exec(header ?? '')?.[1];
  return token === undefined ? undefined : tokens.find(token);
}
