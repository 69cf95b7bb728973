/** Kubeconfigs for the cluster's users, each a private file in the state directory. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Tokens } from './auth/identity.ts';
import { type Authority, writePrivate } from './pki/authority.ts';
import { renderKubeconfig, type SandboxCredential } from './pki/kubeconfig.ts';

export interface UserKubeconfig {
  file: string;
  user: string;
  groups: readonly string[];
  namespace: string;
  credential: 'token' | 'certificate';
}

/** Writes kubeconfigs for the server at `url`; the credential in each is new, and the server knows it from then on. */
export function userKubeconfigs(stateDir: string, url: string, authority: Authority, tokens: Tokens) {
  return async ({ file, user, groups, namespace, credential }: UserKubeconfig): Promise<string> => {
    const path = join(stateDir, file);
    const cluster = { url, certificateAuthority: authority.certificate, user, namespace };
    const issued =
      credential === 'token' ? issueToken(tokens, user, groups) : await authority.issueClient(user, groups);
    await writePrivate(path, renderKubeconfig({ ...cluster, credential: issued }));
    return path;
  };
}

function issueToken(tokens: Tokens, user: string, groups: readonly string[]): SandboxCredential {
  const token = randomBytes(24).toString('base64url');
  tokens.add(token, { user, groups });
  return { token };
}
