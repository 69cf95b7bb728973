/** `--as` and `--as-group`: one user acts as another, if RBAC's verb `impersonate` allows it. */
import type { IncomingHttpHeaders } from 'node:http';
import { badRequest } from '../http/api-error.ts';
import { AUTHENTICATED, type UserIdentity } from './identity.ts';

/** One thing that is to be impersonated, as RBAC names it. */
export interface ImpersonatedResource {
  group: string;
  resource: string;
  name: string;
  namespace?: string;
}

export interface Impersonation {
  identity: UserIdentity;
  /** All of these must be allowed to the real user. */
  needs: readonly ImpersonatedResource[];
}

/** The user that the Impersonate-* headers ask for; undefined without them. Throws 400 when groups or a uid come without a user. */
export function parseImpersonation(
  headers: IncomingHttpHeaders,
  rawHeaders: readonly string[],
): Impersonation | undefined {
  const user = single(headers['impersonate-user']);
  // Node joins repeated headers with commas; a group's name may hold one, so the raw list is read.
  const groups = rawValues(rawHeaders, 'impersonate-group');
  const uid = single(headers['impersonate-uid']);
  if (user === undefined) {
    if (groups.length === 0 && uid === undefined) return undefined;
    throw badRequest('requested groups or uid impersonation without impersonating a user');
  }
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user);
  const implied = account === null ? [] : ['system:serviceaccounts', `system:serviceaccounts:${account[1]}`];
  return {
    identity: {
      user,
      groups: [...new Set([...(groups.length > 0 ? groups : implied), AUTHENTICATED])],
      ...(uid === undefined ? {} : { uid }),
    },
    needs: [
      account === null
        ? { group: '', resource: 'users', name: user }
        : { group: '', resource: 'serviceaccounts', name: account[2] ?? '', namespace: account[1] ?? '' },
      ...groups.map((name) => ({ group: '', resource: 'groups', name })),
      ...(uid === undefined ? [] : [{ group: 'authentication.k8s.io', resource: 'uids', name: uid }]),
    ],
  };
}

const single = (value: string | string[] | undefined): string | undefined => {
  const text = Array.isArray(value) ? value[0] : value;
  return text === '' ? undefined : text;
};

function rawValues(rawHeaders: readonly string[], name: string): string[] {
  return rawHeaders.flatMap((header, index) =>
    index % 2 === 0 && header.toLowerCase() === name ? [rawHeaders[index + 1] ?? ''] : [],
  );
}
