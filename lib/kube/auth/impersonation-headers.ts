import type { OutgoingHttpHeaders } from 'node:http';
import type { KubeconfigUser } from '../config/kubeconfig-model.ts';
import { headerValue } from '../wire/header-text.ts';

/** The Impersonate-* headers; each group and each extra value is a header line of its own (Kubernetes: user impersonation). */
export function impersonationHeaders(user: KubeconfigUser): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {};
  if (user.as === undefined) return headers;
  headers['Impersonate-User'] = headerValue(user.as);
  if (user.asUid) headers['Impersonate-Uid'] = headerValue(user.asUid);
  if (user.asGroups && user.asGroups.length > 0) headers['Impersonate-Group'] = user.asGroups.map(headerValue);
  for (const [key, values] of Object.entries(user.asUserExtra ?? {})) {
    headers[`Impersonate-Extra-${escapeHeaderKey(key)}`] = values.map(headerValue);
  }
  return headers;
}

/** Percent-encodes what a header name cannot carry; '%' itself too, so that the server can undo it (client-go, headerKeyEscape). */
function escapeHeaderKey(key: string): string {
  return [...Buffer.from(key)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[A-Za-z0-9!#$&'*+.^_`|~-]/.test(character)
        ? character
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}
