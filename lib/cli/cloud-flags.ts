/** Flags that choose the cloud account and its endpoint; credentials themselves are never taken from the command line. */
import type { Flags } from './define.ts';
import { textFlag } from './flag.ts';

export const cloudFlags = {
  cloudSite: textFlag({
    help: 'Where the API of the cloud is: intl, internal (inside a VPC), or a root domain. By default the public one.',
    common: true,
  }),
  profile: textFlag({
    help: 'The profile of the cloud command line whose credentials and region to use. By default that of TCCLI_PROFILE, or "default".',
    common: true,
  }),
  region: textFlag({
    help: 'The region of the load balancers, such as ap-guangzhou. By default what the Service, the environment, the profile or the nodes say.',
    common: true,
  }),
} satisfies Flags;
