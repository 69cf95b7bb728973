/** The sources of connection counts. A new one is a folder in lib/sources and a line in this list. */
import { sourceFlag, zeroFlags } from '../../lib/cli/verb-flags.ts';
import { clbMonitorSource } from '../../lib/sources/clb-monitor/clb-monitor-source.ts';
import type { SourceDefinition } from '../../lib/sources/define-source.ts';
import { metricsSource } from '../../lib/sources/metrics/metrics-source.ts';
import { podSocketsSource } from '../../lib/sources/pod-sockets/pod-sockets-source.ts';

export const SOURCES: readonly SourceDefinition[] = [clbMonitorSource, podSocketsSource, metricsSource];
export const SOURCE_NAMES = SOURCES.map(({ name }) => name);

/** The flags of every verb that has to know zero. */
export const zeroSourceFlags = {
  source: sourceFlag(SOURCE_NAMES),
  ...zeroFlags,
  ...clbMonitorSource.flags,
  ...podSocketsSource.flags,
  ...metricsSource.flags,
};
