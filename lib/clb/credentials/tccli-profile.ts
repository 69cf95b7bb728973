import { ConnectionError } from '../../core/errors.ts';
import { type AnswerObject, optionalNumber, optionalText } from '../calls/cloud-answer.ts';
import { assumeRole } from './assume-role.ts';
import { cvmRoleCredential } from './cvm-role.ts';
import { pairOf } from './pair.ts';
import type { CloudKeys, CredentialContext, CredentialSource, NotHere } from './source.ts';
import { chosenProfile, profilePath, profileRegion, readProfile } from './tccli-files.ts';

/**
 * A profile of tccli: plain keys, a role to take on (`role-arn`), the machine's own role (`use-cvm-role`), or a browser login
 * (`type` oauth or sso, with `expiresAt` in Unix seconds). A login is renewed by tccli, not here; its file is read again.
 */
export const tccliProfileSource: CredentialSource = {
  name: (context) => `tccli profile "${chosenProfile(context).name}"`,
  async find(context, signal) {
    const profile = chosenProfile(context);
    const path = profilePath(context.homeDir, profile.name, 'credential');
    const file = await readProfile(context, profile.name, 'credential');
    if (file !== undefined) return fromFile(file, path, context, signal);
    if (!profile.named) return { absent: `there is no ${path}` };
    throw new ConnectionError(`tccli profile "${profile.name}" does not exist: there is no ${path}`, {
      hint: `tccli configure --profile ${profile.name}, or name another profile with --profile`,
    });
  },
  renewal(context) {
    const { name } = chosenProfile(context);
    return `tccli auth login --profile ${name} (or tccli sso login --profile ${name}, or tccli configure --profile ${name})`;
  },
};

async function fromFile(
  file: AnswerObject,
  path: string,
  context: CredentialContext,
  signal: AbortSignal | undefined,
): Promise<CloudKeys | NotHere> {
  if (file['use-cvm-role'] === true || file['use-cvm-role'] === 'true') return cvmRoleCredential(context, signal);
  const found = pairOf(
    { name: `secretId in ${path}`, value: optionalText(file, 'secretId') },
    { name: `secretKey in ${path}`, value: optionalText(file, 'secretKey') },
    optionalText(file, 'token'),
  );
  if ('absent' in found) throw new ConnectionError(`${path} holds no secretId and secretKey`);
  const roleArn = optionalText(file, 'role-arn');
  if (roleArn !== undefined) {
    const sessionName = optionalText(file, 'role-session-name');
    const region = context.env['TENCENTCLOUD_REGION'] ?? (await profileRegion(context));
    return assumeRole(context, { roleArn, sessionName, base: found, region }, signal);
  }
  const expiresAt = optionalNumber(file, 'expiresAt');
  return expiresAt === undefined ? found : { ...found, expiresAtMs: expiresAt * 1000 };
}
