/** Runs one verb on a TARGET, from connection to printed outcome. */

import { ExitCode, InterruptedError } from '../lib/core/errors.ts';
import type { TargetIntent } from '../lib/core/intent/intent.ts';
import type { ObjectResult, Outcome } from '../lib/core/outcome/outcome.ts';
import { endingOf, waysFrom } from '../lib/core/outcome/unfinished.ts';
import { type Advice, lines } from '../lib/core/values/command.ts';
import { withinLimit } from '../lib/flows/guard/time-limit.ts';
import type { Attempt } from '../lib/output/results/failure-text.ts';
import type { OutcomePrinter } from '../lib/output/results/outcome-printer.ts';
import { resultLine } from '../lib/output/results/print-outcome.ts';
import type { World } from '../lib/ports.ts';
import type { Context } from './context.ts';
import { cloudOf, connectionOf } from './flags/connection-of.ts';
import { given } from './flags/given.ts';
import type { VerbValues } from './flags/target-flags.ts';
import { RECORD_TO_STDOUT } from './flags/two-results.ts';
import { printFailure, printOutcome } from './show/print.ts';
import { showWhere } from './show/where.ts';
import { withMetrics } from './show/with-metrics.ts';
import { withNotices } from './show/with-notices.ts';
import { withRecording } from './show/with-recording.ts';

/** The state that an interrupted verb leaves behind, and the way on and back. */
export interface Interruption {
  message: string;
  hint?: string | Advice;
}

/** One call of a verb. */
interface Call<I, D> {
  intent: I;
  flags: VerbValues;
  readsOnly: boolean;
  showsWhere: boolean;
  counts: boolean;
  flow(world: World, intent: I): Promise<Outcome<D>>;
  printer: OutcomePrinter<D>;
  interrupted: Interruption | undefined;
}

/** Connects, runs the flow and prints its outcome; resolves to the exit code, in every case. */
export async function runVerb<I extends TargetIntent, D>(context: Context, call: Call<I, D>): Promise<number> {
  const { command, report, env, signal } = context;
  const { intent, flags, printer } = call;
  const attempt: Attempt = {
    verb: command,
    target: { name: intent.name, ...given({ namespace: flags.namespace }) },
    dryRun: intent.dryRun,
  };
  if (flags.dryRun?.bare) report.warn('--dry-run is deprecated and can be replaced with --dry-run=client.');
  let where: ReturnType<typeof showWhere> | undefined;
  let open: Awaited<ReturnType<Context['openWorld']>> | undefined;
  try {
    const counting =
      call.counts && 'source' in flags ? { flags: { ...flags }, mayWrite: intent.dryRun === 'none' } : undefined;
    const opened = await context.openWorld({
      connection: connectionOf(flags),
      cloud: cloudOf(flags),
      env,
      report,
      signal,
      ...given({ counting }),
    });
    open = opened;
    attempt.target = { namespace: opened.world.kube.namespace, name: intent.name };
    where = showWhere(context, opened.world, whereShown(call));
    const flow = context.watchFlow?.(command, call.flow) ?? call.flow;
    const wrote = () => opened.wrote?.() ?? false;
    // An upgrade limits each of its steps by itself.
    const limitMs = command === 'upgrade' ? 0 : limitOf(intent);
    const limited = (world: World) => withinLimit(world, limitMs, (inner) => flow(inner, intent));
    const ended = endingWell(limited, printer, { verb: command, name: intent.name }, wrote);
    const told = withNotices(
      context,
      flags.notifyCommand,
      intent,
      withMetrics(context, flags.metricsTextfile, intent, ended),
    );
    const shown = new Set<ObjectResult>();
    const streams = flags.record === RECORD_TO_STDOUT;
    if (flags.output === undefined && !streams) opened.world.done = showing(context, shown);
    const outcome = await withRecording(context, flags.record, intent, opened.world, told, wrote);
    where.atTheEnd();
    return await printOutcome(
      streams ? withoutResult(context) : context,
      outcome,
      flags.output,
      flags.noHeaders !== true,
      printer,
      shown,
    );
  } catch (error) {
    where?.atTheEnd();
    return await printFailure(
      context,
      asInterruption(context, error, call),
      dataFormat(flags),
      attempt,
      open?.wrote?.(),
    );
  } finally {
    await open?.close();
  }
}

/** A verb that writes, and a look that goes on, show it before their work. */
const whereShown = ({
  showsWhere,
  readsOnly,
  flags,
}: Pick<Call<never, never>, 'showsWhere' | 'readsOnly' | 'flags'>) =>
  showsWhere ? (readsOnly && flags.watch !== true ? 'at the end' : 'at once') : 'traced';

/** Of the whole verb: what it is asked to observe comes on top of what it may wait, and a canary does both at each of its weights. */
function limitOf(intent: TargetIntent & { forMs?: number; weights?: readonly unknown[]; everyMs?: number }): number {
  const { timeoutMs, forMs = 0, weights = [0], everyMs = 0 } = intent;
  return timeoutMs === 0 ? 0 : (timeoutMs + forMs + everyMs) * weights.length;
}
/** Prints a result of a longer work the moment it is there: what a run that is stopped later has done stands on stdout. */
const showing =
  ({ report, streams, mask }: Context, shown: Set<ObjectResult>) =>
  (result: ObjectResult): void => {
    shown.add(result);
    report.close();
    streams.stdout.write(mask(resultLine(result, 'none')));
  };

/** The recording is the result then: stdout holds its lines and nothing else. */
const withoutResult = (context: Context): Context => ({
  ...context,
  streams: { ...context.streams, stdout: { write: () => true } },
});

const dataFormat = ({ output }: VerbValues): 'json' | 'yaml' | undefined =>
  output === 'json' || output === 'yaml' ? output : undefined;

/** The flow, with the printer's own sentence where it has one; its failure never promises that nothing was written when something was. */
const endingWell =
  <D>(
    flow: (world: World) => Promise<Outcome<D>>,
    { message }: OutcomePrinter<D>,
    target: { verb: string; name: string },
    wrote: () => boolean,
  ) =>
  async (world: World): Promise<Outcome<D>> => {
    try {
      const outcome = await flow(world);
      return message === undefined ? outcome : { ...outcome, message: message(outcome) };
    } catch (error) {
      throw endingOf(error, target, wrote());
    }
  };

/** Once the user has asked to stop, every failure is that request; it names the way on and the way back. */
function asInterruption<I extends TargetIntent, D>(
  { signal, command }: Context,
  error: unknown,
  { intent: { name, dryRun }, readsOnly, interrupted }: Call<I, D>,
): unknown {
  const reason: unknown = signal.reason;
  if (!signal.aborted || !(reason instanceof InterruptedError)) return error;
  if (error instanceof InterruptedError && error !== reason) return error;
  const signalName = reason.exitCode === ExitCode.interrupted ? 'SIGINT' : 'SIGTERM';
  if (readsOnly || dryRun !== 'none')
    return new InterruptedError(signalName, `${command} was interrupted; nothing was written`);
  const { message, hint } = interrupted ?? {
    message: 'what was already written stays, and nothing more will be',
    hint: lines(...waysFrom(command, name)),
  };
  return new InterruptedError(signalName, `${command} was interrupted; ${message}`, hint);
}
