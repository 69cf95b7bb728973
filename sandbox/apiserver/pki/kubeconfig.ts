/** How a kubeconfig names and carries one user's credentials. */
import type { KeyPair } from './certificate.ts';

export const CONTEXT_NAME = 'zeroloss-sandbox';

export type SandboxCredential = KeyPair | { token: string };

/** A kubeconfig with one cluster, one user and one context, certificates inline, laid out as kubectl writes one. */
export function renderKubeconfig(cluster: {
  url: string;
  certificateAuthority: string;
  user: string;
  credential: SandboxCredential;
  namespace: string;
}): string {
  const fields = Object.entries(credentialFields(cluster.credential)).map(([key, value]) => `    ${key}: ${value}`);
  const user = quoted(cluster.user);
  return [
    'apiVersion: v1',
    'clusters:',
    '- cluster:',
    `    certificate-authority-data: ${base64(cluster.certificateAuthority)}`,
    `    server: ${cluster.url}`,
    `  name: ${CONTEXT_NAME}`,
    'contexts:',
    '- context:',
    `    cluster: ${CONTEXT_NAME}`,
    `    namespace: ${quoted(cluster.namespace)}`,
    `    user: ${user}`,
    `  name: ${CONTEXT_NAME}`,
    `current-context: ${CONTEXT_NAME}`,
    'kind: Config',
    'preferences: {}',
    'users:',
    `- name: ${user}`,
    '  user:',
    ...fields,
    '',
  ].join('\n');
}

/** As JSON has it, which YAML reads, whatever is in the name. */
const quoted = (name: string): string => JSON.stringify(name);

const credentialFields = (credential: SandboxCredential): Record<string, string> =>
  'token' in credential
    ? { token: quoted(credential.token) }
    : { 'client-certificate-data': base64(credential.cert), 'client-key-data': base64(credential.key) };

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
