import { flagSource } from './cloud-key-flags.ts';
import { cvmRoleSource } from './cvm-role.ts';
import { environmentSource } from './environment.ts';
import { sdkFileSource } from './sdk-file.ts';
import type { CredentialSource } from './source.ts';
import { tccliProfileSource } from './tccli-profile.ts';
import { workloadIdentitySource } from './workload-identity.ts';

/** Every place that credentials are looked for in, in this order; the first that has any is used for the whole run. */
export const CREDENTIAL_SOURCES: readonly CredentialSource[] = [
  flagSource,
  environmentSource,
  tccliProfileSource,
  sdkFileSource,
  workloadIdentitySource,
  cvmRoleSource,
];
