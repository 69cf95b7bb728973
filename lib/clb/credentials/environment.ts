import { assumeRole } from './assume-role.ts';
import { pairOf } from './pair.ts';
import type { CredentialSource } from './source.ts';

/**
 * TENCENTCLOUD_SECRET_ID and _SECRET_KEY. The session token is TENCENTCLOUD_TOKEN for tccli and TENCENTCLOUD_SESSION_TOKEN for the
 * SDKs: both are read. As in tccli, TENCENTCLOUD_ROLE_ARN takes on that role first.
 */
export const environmentSource: CredentialSource = {
  name: () => 'environment',
  async find(context, signal) {
    const { env } = context;
    const found = pairOf(
      { name: 'TENCENTCLOUD_SECRET_ID', value: env['TENCENTCLOUD_SECRET_ID'] },
      { name: 'TENCENTCLOUD_SECRET_KEY', value: env['TENCENTCLOUD_SECRET_KEY'] },
      env['TENCENTCLOUD_TOKEN'] || env['TENCENTCLOUD_SESSION_TOKEN'],
    );
    const roleArn = env['TENCENTCLOUD_ROLE_ARN'];
    if ('absent' in found || !roleArn) return found;
    return assumeRole(
      context,
      { roleArn, sessionName: env['TENCENTCLOUD_ROLE_SESSION_NAME'], base: found, region: env['TENCENTCLOUD_REGION'] },
      signal,
    );
  },
  renewal: () =>
    'export fresh TENCENTCLOUD_SECRET_ID, TENCENTCLOUD_SECRET_KEY and, for temporary credentials, TENCENTCLOUD_TOKEN',
};
