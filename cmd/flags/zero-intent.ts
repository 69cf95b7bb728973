import { UsageError } from '../../lib/core/errors.ts';
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

/** Throws UsageError for ORDINALS that cannot be read. */
export function refuseUnreadable(ordinals: string | undefined, name: string | undefined): void {
  if (ordinals !== undefined && name !== undefined) parseOrdinals(ordinals, name);
}

/** Throws UsageError for ORDINALS beside a node. */
export function refuseBoth(ordinals: string | undefined, nodes: readonly string[] | undefined): void {
  if (ordinals !== undefined && nodes !== undefined)
    throw new UsageError(
      'ORDINALS and --node both name the pods',
      'give one of them: --node takes the pods that are on a node',
    );
}
