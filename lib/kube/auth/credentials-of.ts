import { type Credentials, type CredentialsContext, fixedCredentials, tokenFileCredentials } from './credentials.ts';

/**
 * The user's way to prove itself: token file, token, password, exec plugin or auth-provider, in client-go's order.
 * Over plain HTTP nothing secret is sent (client-go, IsConfigTransportTLS).
 */
export async function credentialsOf(context: CredentialsContext): Promise<Credentials> {
  const { user } = context.plan;
  if (context.server.protocol === 'http:') return fixedCredentials({});
  if (user.tokenFile) return tokenFileCredentials(user.tokenFile, user.token, context.now);
  if (user.token || user.username || user.password) return fixedCredentials(user);
  if (user.exec) {
    const { execCredentials } = await import('./exec-credentials.ts');
    return execCredentials(user.exec, context);
  }
  if (user.authProvider) {
    const { providerCredentials } = await import('./auth-provider.ts');
    return providerCredentials(user.authProvider, context);
  }
  return fixedCredentials({});
}
