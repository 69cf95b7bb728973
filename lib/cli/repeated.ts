/** Flags that one command hands on to the next: they choose cluster, user and objects. Never a secret itself. */

import { flagName } from './arguments.ts';
import type { cloudFlags } from './cloud-flags.ts';
import type { connectionFlags } from './connection-flags.ts';

export const CONNECTION = [
  'kubeconfig',
  'context',
  'cluster',
  'user',
  'server',
  'tlsServerName',
  'certificateAuthority',
  'clientCertificate',
  'clientKey',
  'as',
  'asUid',
  'asGroup',
  'asUserExtra',
  'insecureSkipTlsVerify',
] as const satisfies readonly (keyof typeof connectionFlags)[];

/** Those that only this program's commands take, and kubectl's do not. */
export const OWN = ['service', 'region', 'cloudSite', 'profile'] as const satisfies readonly (
  | keyof typeof cloudFlags
  | 'service'
)[];

/** A flag as it is written, and its value; a switch that is on has none. */
export type WrittenFlag = readonly [flag: string, value: string | undefined];

/** The flags of `names` that have a value; `values` as commands read them. */
export function writtenFlags(names: readonly string[], values: Readonly<Record<string, unknown>>): WrittenFlag[] {
  return names.flatMap((name): WrittenFlag[] => {
    const value = values[name];
    const flag = `--${flagName(name)}`;
    if (value === undefined || value === false) return [];
    if (value === true) return [[flag, undefined]];
    // Services are one list, all others that may be several are given several times.
    const texts = name === 'service' && Array.isArray(value) ? [value.join(',')] : [value].flat();
    return texts.map((text) => [flag, String(text)]);
  });
}
