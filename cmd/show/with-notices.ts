/** Runs a flow, and with `--notify-command CMD` passes on what it does, asks and comes to. */
import type { TargetIntent } from '../../lib/core/intent/intent.ts';
import type { Outcome } from '../../lib/core/outcome/outcome.ts';
import { maskingFields } from '../../lib/output/mask-secrets.ts';
import { exitCodeOf } from '../../lib/output/results/failure-text.ts';
import type { World } from '../../lib/ports.ts';
import type { Context } from '../context.ts';

/** The flow, reported to the command; as it is without one, and on a dry run, where nothing happens. */
export const withNotices =
  <D>(
    { mask, report, env }: Pick<Context, 'mask' | 'report' | 'env'>,
    command: string | undefined,
    { name, dryRun }: TargetIntent,
    flow: (world: World) => Promise<Outcome<D>>,
  ) =>
  async (world: World): Promise<Outcome<D>> => {
    if (command === undefined || dryRun !== 'none') return flow(world);
    const { commandNotifier } = await import('../../lib/notices/notifier.ts');
    const { notifyingWorld, noticeOf } = await import('../../lib/notices/notifying-world.ts');
    const fields = maskingFields(mask);
    const notifier = commandNotifier(command, {
      env,
      toText: (document) => JSON.stringify(document, fields),
      warn: (line) => report.warn(line),
    });
    try {
      const outcome = await flow(notifyingWorld(world, name, notifier));
      const message = String(
        outcome.message ?? outcome.results.map(({ object, action }) => `${object} ${action}`).join('\n'),
      );
      notifier.tell(
        noticeOf(world, name, { reason: 'ZerolossEnded', message, type: 'Normal', exitCode: outcome.exitCode }),
      );
      return outcome;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      notifier.tell(
        noticeOf(world, name, { reason: 'ZerolossStopped', message, type: 'Warning', exitCode: exitCodeOf(error) }),
      );
      throw error;
    } finally {
      await notifier.end();
    }
  };
