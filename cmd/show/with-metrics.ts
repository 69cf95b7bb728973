/** Runs a flow, and with `--metrics-textfile FILE` keeps how far it is in that file. */
import { UsageError } from '../../lib/core/errors.ts';
import type { TargetIntent } from '../../lib/core/intent/intent.ts';
import type { Outcome } from '../../lib/core/outcome/outcome.ts';
import { systemErrorText } from '../../lib/core/values/system-error.ts';
import { exitCodeOf } from '../../lib/output/results/failure-text.ts';
import type { World } from '../../lib/ports.ts';
import type { Context } from '../context.ts';

/** A collector reads every 15 s or so. */
const EVERY_MS = 1_000;

/** The flow as it is without a file. Throws UsageError where the file cannot be written at the beginning, or is another's; later that is a warning. */
export const withMetrics =
  <D>(
    { command: verb, report }: Pick<Context, 'command' | 'report'>,
    path: string | undefined,
    { name }: TargetIntent,
    flow: (world: World) => Promise<Outcome<D>>,
  ) =>
  async (world: World): Promise<Outcome<D>> => {
    if (path === undefined) return flow(world);
    const { METRICS_START, renderMetrics } = await import('../../lib/core/status/upgrade-metrics.ts');
    const { measuringWorld } = await import('../../lib/notices/measuring-world.ts');
    const { refuseToReplace, writeWhole } = await import('../../lib/notices/whole-file.ts');
    const progress: Parameters<typeof renderMetrics>[0] = {
      ...{ verb, namespace: world.kube.namespace, statefulSet: name },
      state: 'running',
      longestWaitSeconds: 0,
    };
    let writtenMs = world.clock.now();
    const put = () => {
      refuseToReplace('--metrics-textfile', path, METRICS_START);
      writeWhole(path, renderMetrics(progress));
    };
    try {
      put();
    } catch (error) {
      if (error instanceof UsageError) throw error;
      throw new UsageError(
        `--metrics-textfile ${path}: ${systemErrorText(error)}`,
        'a file in a folder that you may write to',
      );
    }
    const write = () => {
      writtenMs = world.clock.now();
      try {
        put();
      } catch (error) {
        report.warn(`--metrics-textfile ${path} can no longer be written: ${systemErrorText(error)}`);
      }
    };
    const ended = (state: 'done' | 'stopped', exitCode: number) => {
      Object.assign(progress, { state, exitCode });
      write();
    };
    let shown = progress.state;
    const changed = () => {
      if (world.clock.now() - writtenMs < EVERY_MS && shown === progress.state) return;
      shown = progress.state;
      write();
    };
    try {
      const outcome = await flow(measuringWorld(world, progress, changed));
      ended('done', outcome.exitCode);
      return outcome;
    } catch (error) {
      ended('stopped', exitCodeOf(error));
      throw error;
    }
  };
