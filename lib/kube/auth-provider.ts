import type { RequestOptions } from 'node:https';
import { ConnectionError } from '../errors.ts';
import type { Credentials } from './credentials.ts';

/**
 * Credentials of a legacy `auth-provider`. Only oidc is left in kubectl; KubeConfig of @kubernetes/client-node refreshes its tokens.
 * Throws ConnectionError for the others, with their successor.
 */
export async function providerCredentials(provider: {
  name: string;
  config: Readonly<Record<string, string>>;
}): Promise<Credentials> {
  if (provider.name !== 'oidc') throw removed(provider.name);
  const { KubeConfig } = await import('@kubernetes/client-node/dist/config.js');
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: 'cluster', server: 'https://unused.invalid', skipTLSVerify: false }],
    users: [{ name: 'user', authProvider: { name: 'oidc', config: { ...provider.config } } }],
    contexts: [{ name: 'context', cluster: 'cluster', user: 'user' }],
    currentContext: 'context',
  });
  return {
    async current() {
      const options: RequestOptions = {};
      try {
        await config.applyToHTTPSOptions(options);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        throw new ConnectionError(`Unable to connect to the server: getting credentials: oidc: ${why}`, {
          cause: error,
        });
      }
      const headers = options.headers as Record<string, string> | undefined;
      const authorization = headers?.['Authorization'];
      return authorization === undefined ? {} : { authorization };
    },
    renew: () => false,
  };
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
