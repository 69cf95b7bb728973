import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { ConnectionError } from '../core/errors.ts';
import { advice, kubectl } from '../core/values/command.ts';
import type { TlsMaterial } from './tls-material.ts';

/**
 * Loads trust and client certificate once for all connections of an agent.
 * Throws ConnectionError in kubectl's words when certificate and key are no PEM or do not belong together.
 */
export function loadSecureContext(tls: TlsMaterial): SecureContext {
  const ca = trustedRoots(tls);
  try {
    return createSecureContext({
      // Each trusted certificate ends the chain, be it an intermediate or the server's own certificate, as in Go.
      allowPartialTrustChain: true,
      ...(ca && { ca }),
      ...(tls.cert && { cert: tls.cert }),
      ...(tls.key && { key: tls.key }),
    });
  } catch (error) {
    const { message } = error as Error;
    const known = WORDS.find(([words]) => words.test(message));
    throw new ConnectionError(`error: tls: ${known?.[1] ?? message}`, {
      hint: advice`see client-certificate and client-key of this user: ${kubectl('config', 'view', '--minify')}`,
      cause: error,
    });
  }
}

const WORDS: readonly (readonly [RegExp, string])[] = [
  [/key values mismatch/, 'private key does not match public key'],
  [/no start line|PEM|DECODER/, 'failed to find any PEM data in certificate input'],
];

/**
 * The cluster's CA; without one, Node's bundled roots and the system's, as Go trusts the system.
 * Undefined when nothing is checked.
 */
function trustedRoots({ ca, rejectUnauthorized }: TlsMaterial): Buffer | string[] | undefined {
  if (ca !== undefined || rejectUnauthorized === false) return ca;
  return [...getCACertificates('default'), ...getCACertificates('system')];
}
