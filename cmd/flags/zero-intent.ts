import type { ZeroIntent } from '../../lib/core/intent/intent.ts';
import { parseOrdinals } from '../../lib/core/target/ordinals.ts';
import { given } from './given.ts';

/** The flags that choose the meaning of zero, as the part of an intent that they fill in. */
export function zeroIntent(flags: {
  stableFor: number;
  maxConnections: number;
  source: readonly string[] | undefined;
  ignorePort: readonly string[] | undefined;
}): ZeroIntent {
  return {
    stableForMs: flags.stableFor,
    maxConnections: flags.maxConnections,
    ...given({ sources: flags.source, ignoredPorts: flags.ignorePort }),
  };
}

/** ORDINALS that may be left out; absent means the whole drain set. Throws UsageError. */
export const ordinalsIntent = (text: string | undefined, name: string): { ordinals?: readonly number[] } =>
  text === undefined ? {} : { ordinals: parseOrdinals(text, name) };
