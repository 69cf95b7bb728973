/** Temporary credentials from the security token service (STS 2018-08-13). */
import { type AnswerObject, isObject, malformed, optionalNumber, requiredText } from '../calls/cloud-answer.ts';
import type { CloudKeys, CredentialContext } from './source.ts';

/** Shown in the account's audit trail; STS wants 2 to 128 characters. */
export const SESSION_NAME = 'kubectl-zeroloss';

export interface AssumedRole {
  roleArn: string;
  sessionName: string | undefined;
  base: CloudKeys;
  region: string | undefined;
}

/** The role's temporary credential, by AssumeRole. Throws CloudError when STS refuses. */
export async function assumeRole(
  context: CredentialContext,
  role: AssumedRole,
  signal: AbortSignal | undefined,
): Promise<CloudKeys> {
  const answer = await context.sts(
    'AssumeRole',
    { RoleArn: role.roleArn, RoleSessionName: role.sessionName || SESSION_NAME },
    { credential: role.base, region: role.region, signal },
  );
  return temporaryCredential(answer, 'AssumeRole');
}

/** `Credentials` and `ExpiredTime` (Unix seconds) of an STS answer. Throws CloudError when a part is missing. */
export function temporaryCredential(answer: AnswerObject, action: string): CloudKeys {
  const credentials = answer['Credentials'];
  const expiredTime = optionalNumber(answer, 'ExpiredTime');
  if (!isObject(credentials) || expiredTime === undefined) throw malformed(`${action} gave no Credentials`);
  return {
    secretId: requiredText(credentials, 'TmpSecretId', action),
    secretKey: requiredText(credentials, 'TmpSecretKey', action),
    token: requiredText(credentials, 'Token', action),
    expiresAtMs: expiredTime * 1000,
  };
}
