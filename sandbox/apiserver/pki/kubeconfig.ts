/** How a kubeconfig names and carries one user's credentials. */
import type { KeyPair } from './certificate.ts';

export const CONTEXT_NAME = 'zeroloss-sandbox';

export type Credential = KeyPair | { token: string };

/** A kubeconfig with one cluster, one user and one context, certificates inline; YAML, of which JSON is a part. */
export function renderKubeconfig(cluster: {
  url: string;
  certificateAuthority: string;
  user: string;
  credential: Credential;
  namespace: string;
}): string {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': CONTEXT_NAME,
    clusters: [
      {
        name: CONTEXT_NAME,
        cluster: { server: cluster.url, 'certificate-authority-data': base64(cluster.certificateAuthority) },
      },
    ],
    users: [{ name: cluster.user, user: credentialFields(cluster.credential) }],
    contexts: [
      { name: CONTEXT_NAME, context: { cluster: CONTEXT_NAME, user: cluster.user, namespace: cluster.namespace } },
    ],
    preferences: {},
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

const credentialFields = (credential: Credential): Record<string, string> =>
  'token' in credential
    ? { token: credential.token }
    : { 'client-certificate-data': base64(credential.cert), 'client-key-data': base64(credential.key) };

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
