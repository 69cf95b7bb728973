/** The flags that choose cluster and cloud, as the connections want them: what was not given is absent. */

import type { Arguments } from '../../lib/cli/arguments.ts';
import type { cloudFlags } from '../../lib/cli/cloud-flags.ts';
import { connectionFlags } from '../../lib/cli/connection-flags.ts';
import { UsageError } from '../../lib/core/errors.ts';
import type { ConnectionFlags } from '../../lib/kube/config/connection-flag-values.ts';
import type { WorldOptions } from '../context.ts';
import { given } from './given.ts';

type ConnectionValues = Arguments<Record<never, never>, typeof connectionFlags>['flags'];
type CloudValues = Arguments<Record<never, never>, typeof cloudFlags>['flags'];

/** Throws UsageError for half a key, before anything is asked: it would be looked for elsewhere, and the verb would act as another user. */
export function refuseHalfKey({ secretId, secretKey, secretToken }: CloudValues): void {
  if ((secretId === undefined) !== (secretKey === undefined) || (secretToken !== undefined && secretId === undefined)) {
    const names = { '--secret-id': secretId, '--secret-key': secretKey };
    const missing = Object.entries(names).flatMap(([name, value]) => (value === undefined ? [name] : []));
    throw new UsageError(
      `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing: a key of the cloud account is its id and its key together`,
      'give both (and --secret-token for a temporary key), or none and export TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY',
    );
  }
}

export function cloudOf(flags: CloudValues): WorldOptions['cloud'] {
  const { region, cloudSite, profile, secretId, secretKey, secretToken } = flags;
  return given({ region, cloudSite, profile, secretId, secretKey, token: secretToken });
}

/** kubectl's flags as the connection wants them: what was not given is absent. */
export function connectionOf(flags: ConnectionValues): ConnectionFlags {
  const { requestTimeout, asGroup, asUserExtra, disableCompression, insecureSkipTlsVerify, ...texts } =
    Object.fromEntries(
      Object.keys(connectionFlags).map((key) => [key, flags[key as keyof ConnectionValues]]),
    ) as ConnectionValues;
  return given({
    ...texts,
    requestTimeoutMs: requestTimeout === 0 ? undefined : requestTimeout,
    asGroup: asGroup.length === 0 ? undefined : asGroup,
    asUserExtra: asUserExtra.length === 0 ? undefined : asUserExtra,
    disableCompression: disableCompression || undefined,
    insecureSkipTlsVerify: insecureSkipTlsVerify || undefined,
  });
}
