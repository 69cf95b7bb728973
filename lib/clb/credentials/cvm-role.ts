import { ConnectionError } from '../../core/errors.ts';
import { isObject, optionalNumber, optionalText } from '../calls/cloud-answer.ts';
import type { CloudKeys, CredentialContext, CredentialSource, NotHere } from './source.ts';

const ROLE_PATH = 'cam/security-credentials/';

/** The role bound to the machine this runs on, from the instance metadata. Off the cloud nothing answers, which is soon noticed. */
export const cvmRoleSource: CredentialSource = {
  name: () => 'CVM role',
  async find(context, signal) {
    try {
      return await cvmRoleCredential(context, signal);
    } catch (error) {
      if (!(error instanceof MetadataUnreachable)) throw error;
      return { absent: error.message };
    }
  },
  renewal: () => 'bind a valid role to this machine (CVM console: More > Instance settings > Bind/Modify role)',
};

/** No metadata service answered: this is no machine of the cloud. */
export class MetadataUnreachable extends ConnectionError {}

/** Role name, then its credential (TmpSecretId, TmpSecretKey, Token, ExpiredTime in Unix seconds). Throws when it is not usable. */
export async function cvmRoleCredential(
  context: CredentialContext,
  signal: AbortSignal | undefined,
): Promise<CloudKeys | NotHere> {
  const role = (await context.metadata(ROLE_PATH, signal))?.trim();
  if (!role) return { absent: 'no role is bound to this machine' };
  const page = await context.metadata(`${ROLE_PATH}${encodeURIComponent(role)}`, signal);
  const value = parse(page);
  const secretId = optionalText(value, 'TmpSecretId');
  const secretKey = optionalText(value, 'TmpSecretKey');
  const token = optionalText(value, 'Token');
  const expiredTime = optionalNumber(value, 'ExpiredTime');
  if (
    value['Code'] !== 'Success' ||
    secretId === undefined ||
    secretKey === undefined ||
    token === undefined ||
    expiredTime === undefined
  ) {
    throw new ConnectionError(`the instance metadata gave no credentials for role ${role} (code ${value['Code']})`);
  }
  return { secretId, secretKey, token, expiresAtMs: expiredTime * 1000 };
}

function parse(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
