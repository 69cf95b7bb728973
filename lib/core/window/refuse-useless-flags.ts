/** The flags of the window that would do nothing, or harm, as they stand together. */

import { UsageError } from '../errors.ts';
import type { UpgradeIntent } from '../intent/intent.ts';
import { formatDuration } from '../values/duration.ts';

/**
 * Throws UsageError for --ask-every and --busy-after without a window, and for a --busy-after within which no pod could prove its
 * zero. Judged on the intent: the window and the stability window may be the workload's own defaults.
 */
export function refuseUselessWindowFlags({
  maxUnavailable,
  askEvery,
  busyAfterMs,
  stableForMs,
}: Pick<UpgradeIntent, 'maxUnavailable' | 'askEvery' | 'busyAfterMs' | 'stableForMs'>): void {
  const given = [
    ...(askEvery === undefined ? [] : ['--ask-every']),
    ...(busyAfterMs === undefined ? [] : ['--busy-after']),
  ];
  if (maxUnavailable === undefined && given.length > 0)
    throw new UsageError(
      `${given.join(' and ')} would do nothing: ${given.length === 1 ? 'it belongs' : 'they belong'} to --max-unavailable`,
      'add --max-unavailable 4, for example; batches ask before each batch, and wait for every pod of one',
    );
  if (busyAfterMs !== undefined && busyAfterMs <= stableForMs)
    throw new UsageError(
      `--busy-after ${formatDuration(busyAfterMs)} is not longer than --stable-for ${formatDuration(stableForMs)}: no pod could be at zero by then`,
      `accepted by --busy-after: more than ${formatDuration(stableForMs)}; 2h is usual`,
    );
}
