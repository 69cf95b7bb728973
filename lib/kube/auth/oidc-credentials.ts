import { ConnectionError } from '../../core/errors.ts';
import { advice, kubectl } from '../../core/values/command.ts';
import type { AuthProvider } from '../config/kubeconfig-model.ts';
import type { Credentials, CredentialsContext, Identity } from './credentials.ts';
import { keepTokens } from './oidc-keep.ts';
import { type OidcTokens, refreshTokens } from './oidc-refresh.ts';
import { SharedRun } from './shared-run.ts';

/** An id token that expires sooner is renewed first (client-go, oidc, expiryDelta). */
const EXPIRY_MARGIN_MS = 10_000;

/**
 * The auth-provider oidc: the kubeconfig's id token while it is valid, else one that its refresh token brings.
 * Without either it throws ConnectionError; no request is ever anonymous.
 */
export function oidcCredentials(provider: AuthProvider, context: CredentialsContext): Credentials {
  const { config } = provider;
  let tokens: OidcTokens = { idToken: config['id-token'] ?? '', refreshToken: config['refresh-token'] ?? '' };
  let identity: Identity = { authorization: `Bearer ${tokens.idToken}` };
  let refused = false;
  let running: SharedRun<Identity> | undefined;
  const isValid = () => !refused && expiryMs(tokens.idToken) - EXPIRY_MARGIN_MS > context.now();

  const refresh = async (abandoned: AbortSignal): Promise<Identity> => {
    context.note('asking the identity provider for a new id token');
    const before = tokens;
    tokens = await refreshTokens(config, before.refreshToken, context.env, abandoned);
    identity = { authorization: `Bearer ${tokens.idToken}` };
    refused = false;
    await keepTokens({ file: provider.file, userName: context.plan.userName, before, now: tokens, warn: context.warn });
    return identity;
  };

  return {
    async current(signal) {
      if (running === undefined && isValid()) return identity;
      if (running === undefined || running.abandoned) running = new SharedRun(refresh);
      const joined = running;
      try {
        return await joined.wait(signal);
      } catch (error) {
        signal?.throwIfAborted();
        throw explained(error);
      } finally {
        if (running === joined && !signal?.aborted) running = undefined;
      }
    },
    renew(refusedIdentity) {
      if (tokens.refreshToken === '') return false;
      // Other requests with the same identity may have been refused before, and it is renewed already.
      if (refusedIdentity === identity) refused = true;
      return true;
    },
  };
}

/** When a JSON Web Token expires (RFC 7519, 4.1.4); what is no such token has expired. */
function expiryMs(token: string): number {
  try {
    const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as {
      exp?: number;
    };
    return typeof exp === 'number' ? exp * 1000 : 0;
  } catch {
    return 0;
  }
}

function explained(error: unknown): ConnectionError {
  const why = (error instanceof Error ? error.message : String(error)).replace(
    /^Unable to connect to the server: /,
    '',
  );
  return new ConnectionError(`Unable to connect to the server: getting credentials: oidc: ${why}`, {
    hint: advice`log in again the way this kubeconfig was made
to see whether it helped: ${kubectl('auth', 'whoami')}`,
    retryable: error instanceof ConnectionError && error.retryable,
    cause: error,
  });
}
