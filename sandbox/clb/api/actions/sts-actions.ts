/** Actions of sts 2018-08-13: enough for clients that assume a role. */
import { CloudFault } from '../../balancers/fault.ts';
import type { Accounts } from '../accounts.ts';
import type { ApiAction, ApiAnswer, ApiCall } from '../call.ts';

const DEFAULT_DURATION_SECONDS = 7200;
const ROLE_ARN = /^qcs::cam::uin\/\d+:(?:role|roleName)\/.+$/;

/** Role arns are accepted by their form; every non-empty web identity token is accepted. */
export function stsActions(accounts: Accounts): Record<string, ApiAction> {
  const session = ['RoleArn', 'RoleSessionName', 'DurationSeconds'];
  return {
    AssumeRole: {
      parameters: [...session, 'Policy', 'ExternalId', 'Tags', 'SourceIdentity'],
      required: ['RoleArn', 'RoleSessionName'],
      regional: true,
      run: (call) => assumeRole(accounts, call),
    },
    AssumeRoleWithWebIdentity: {
      parameters: [...session, 'ProviderId', 'WebIdentityToken'],
      required: ['ProviderId', 'WebIdentityToken', 'RoleArn', 'RoleSessionName'],
      regional: true,
      run: (call) => assumeRole(accounts, call),
    },
    GetCallerIdentity: {
      parameters: [],
      regional: true,
      run: ({ secretId }) => ({
        Arn: accounts.arnOf(secretId),
        AccountId: '100000000001',
        UserId: '100000000001',
        PrincipalId: '100000000001',
        Type: 'CAMUser',
      }),
    },
  };
}

function assumeRole(accounts: Accounts, { params, nowMs }: ApiCall): ApiAnswer {
  const arn = params.text('RoleArn') ?? '';
  if (!ROLE_ARN.test(arn)) throw new CloudFault('InvalidParameter.RoleArnError', `\`${arn}\` is not a role.`);
  const seconds = params.integer('DurationSeconds') ?? DEFAULT_DURATION_SECONDS;
  const expiresAtMs = nowMs + seconds * 1000;
  const credential = accounts.assume(arn, expiresAtMs);
  return {
    Credentials: {
      Token: credential.token,
      TmpSecretId: credential.secretId,
      TmpSecretKey: credential.secretKey,
    },
    ExpiredTime: Math.floor(expiresAtMs / 1000),
    Expiration: new Date(expiresAtMs).toISOString().replace(/\.\d+Z$/, 'Z'),
  };
}
