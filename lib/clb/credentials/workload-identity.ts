import { ConnectionError } from '../../core/errors.ts';
import { SESSION_NAME, temporaryCredential } from './assume-role.ts';
import type { CredentialSource } from './source.ts';

const VARIABLES = ['TKE_REGION', 'TKE_PROVIDER_ID', 'TKE_WEB_IDENTITY_TOKEN_FILE', 'TKE_ROLE_ARN'] as const;

/**
 * TKE workload identity: the pod's service account token is traded for the role's credentials by AssumeRoleWithWebIdentity,
 * a request that carries no signature. The token file is read anew each time, since the kubelet rotates it.
 */
export const workloadIdentitySource: CredentialSource = {
  name: () => 'TKE workload identity',
  async find({ env, readText, sts }, signal) {
    const missing = VARIABLES.filter((name) => !env[name]);
    if (missing.length > 0) return { absent: `${missing.join(', ')} not set` };
    const [region = '', providerId = '', tokenFile = '', roleArn = ''] = VARIABLES.map((name) => env[name] ?? '');
    const token = (await readText(tokenFile))?.trim();
    if (!token) {
      throw new ConnectionError(`TKE_WEB_IDENTITY_TOKEN_FILE names ${tokenFile}, which is missing or empty`, {
        hint: 'is the service account token mounted into this pod?',
      });
    }
    const answer = await sts(
      'AssumeRoleWithWebIdentity',
      { ProviderId: providerId, WebIdentityToken: token, RoleArn: roleArn, RoleSessionName: SESSION_NAME },
      { credential: 'unsigned', region, signal },
    );
    return temporaryCredential(answer, 'AssumeRoleWithWebIdentity');
  },
  renewal: () => 'check that the role of TKE_ROLE_ARN trusts this service account',
};
