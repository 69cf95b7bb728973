/** Flags that choose the cloud account and its endpoint. */
import type { Flags } from './arguments.ts';
import { textFlag } from './flag.ts';

const SEEN =
  'Other users of this machine can see the command line, and shells keep it: prefer the environment or a profile.';

export const cloudFlags = {
  cloudSite: textFlag({
    help: 'Which endpoint of the cloud API to use: intl, internal (inside a VPC), or a root domain. By default the public one.',
    common: true,
  }),
  profile: textFlag({
    help: 'The profile of the cloud command line whose credentials and region to use. By default that of TCCLI_PROFILE, or "default".',
    common: true,
  }),
  region: textFlag({
    help: 'The region of the load balancers, such as ap-guangzhou. By default taken from the Service, the environment, the profile or the nodes.',
    common: true,
  }),
  secretId: textFlag({
    help: `The id of a key of the cloud account, with --secret-key. ${SEEN}`,
    common: true,
  }),
  secretKey: textFlag({
    help: `The key that belongs to --secret-id. ${SEEN}`,
    common: true,
  }),
  secretToken: textFlag({
    help: `The session token of a temporary key, with --secret-id and --secret-key. ${SEEN}`,
    common: true,
  }),
} satisfies Flags;

/** Flags whose values are never shown, kubectl's own included. */
export const SECRET_FLAGS = ['token', 'secret-id', 'secret-key', 'secret-token'] as const;
