import { ConnectionError } from '../../core/errors.ts';
import type { AuthProvider } from '../config/kubeconfig-model.ts';
import type { Credentials, CredentialsContext } from './credentials.ts';
import { oidcCredentials } from './oidc-credentials.ts';

/** Credentials of a legacy `auth-provider`. Only oidc is left in kubectl; throws ConnectionError for the others, with their successor. */
export function providerCredentials(provider: AuthProvider, context: CredentialsContext): Credentials {
  if (provider.name !== 'oidc') throw removed(provider.name);
  return oidcCredentials(provider, context);
}

function removed(name: string): ConnectionError {
  const successors: Record<string, string> = { gcp: 'gke-gcloud-auth-plugin', azure: 'kubelogin' };
  const successor = successors[name];
  if (successor === undefined) {
    return new ConnectionError(`error: no Auth Provider found for name "${name}"`, {
      hint: 'oidc is the only auth-provider left; others are exec credential plugins now',
    });
  }
  return new ConnectionError(`error: The ${name} auth plugin has been removed.`, {
    hint: `use the "${successor}" exec credential plugin instead`,
  });
}
