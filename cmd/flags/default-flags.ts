/** The flags whose defaults a workload may have: how their texts are read, and the choice that is made without them. */
import type { Flag } from '../../lib/cli/flag.ts';
import { minServingFlag, zeroFlags } from '../../lib/cli/verb-flags.ts';
import type { DefaultName } from '../../lib/core/intent/workload-defaults.ts';
import { metricsSource } from '../../lib/sources/metrics/metrics-source.ts';
import { SOURCES, zeroSourceFlags } from './source-flags.ts';
import { upgradeFlags } from './upgrade-flags.ts';

export const DEFAULT_READERS: Readonly<Record<DefaultName, Flag<unknown>>> = {
  'stable-for': zeroFlags.stableFor,
  'min-serving': minServingFlag,
  batch: upgradeFlags.batch,
  'max-unavailable': upgradeFlags.maxUnavailable,
  source: zeroSourceFlags.source,
  metric: metricsSource.flags.metric,
};

/** Names of the sources that count where --source names none: the gauge only when it is named. */
export const usualSources = (measured: boolean): readonly string[] =>
  SOURCES.filter((source) => measured || source !== metricsSource).map(({ name }) => name);
