/** The flags of a plan that each of its counting steps repeats. */
import { zeroFlags } from '../../lib/cli/verb-flags.ts';
import { formatDuration } from '../../lib/core/values/duration.ts';

/** Only what was asked for: the defaults need no words. */
export function countingWords(flags: {
  stableFor: number;
  maxConnections: number;
  source: readonly string[] | undefined;
  ignorePort: readonly string[] | undefined;
  debugImage: string | undefined;
  metric: { text: string } | undefined;
  metricsPort: number | undefined;
  metricsPath: string | undefined;
}): string[] {
  return [
    ...(flags.stableFor === zeroFlags.stableFor.read([], 'stable-for')
      ? []
      : ['--stable-for', formatDuration(flags.stableFor)]),
    ...(flags.maxConnections === 0 ? [] : ['--max-connections', String(flags.maxConnections)]),
    ...named('ignore-port', flags.ignorePort?.join(',')),
    ...named('source', flags.source?.join(',')),
    ...named('debug-image', flags.debugImage),
    ...named('metric', flags.metric?.text),
    ...named('metrics-port', flags.metricsPort),
    ...named('metrics-path', flags.metricsPath),
  ];
}

const named = (name: string, value: string | number | undefined): string[] =>
  value === undefined ? [] : [`--${name}`, String(value)];
