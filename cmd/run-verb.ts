/** Runs one verb on a TARGET, from connection to printed outcome. */

import { ExitCode, InterruptedError, ZerolossError } from '../lib/core/errors.ts';
import type { TargetIntent } from '../lib/core/intent/intent.ts';
import type { Outcome } from '../lib/core/outcome/outcome.ts';
import { endingOf, waysFrom } from '../lib/core/outcome/unfinished.ts';
import type { DoneResult } from '../lib/core/refusal.ts';
import { lines } from '../lib/core/values/command.ts';
import { withinLimit } from '../lib/flows/guard/time-limit.ts';
import { written } from '../lib/output/prose.ts';
import type { Attempt } from '../lib/output/results/failure-text.ts';
import type { OutcomePrinter } from '../lib/output/results/outcome-printer.ts';
import { resultLine } from '../lib/output/results/print-outcome.ts';
import { overriding } from '../lib/ports/overriding.ts';
import type { World } from '../lib/ports.ts';
import type { Context, OpenWorld, WorldOptions } from './context.ts';
import { cloudOf, connectionOf } from './flags/connection-of.ts';
import { given } from './flags/given.ts';
import type { VerbValues } from './flags/target-flags.ts';
import { RECORD_TO_STDOUT } from './flags/two-results.ts';
import { openContexts, openOneContext } from './open-contexts.ts';
import { printFailure, printOutcome } from './show/print.ts';
import { showWhere } from './show/where.ts';
import { withMetrics } from './show/with-metrics.ts';
import { withNotices } from './show/with-notices.ts';
import { withRecording } from './show/with-recording.ts';
import { untilStopped } from './surroundings/until-stopped.ts';
import { type Completed, type Defaulting, useDefaults } from './use-defaults.ts';
import { type CompleteFor, limitOf, type VerbCall } from './verb-call.ts';

/** Connects, runs the flow and prints its outcome; resolves to the exit code, in every case. */
export async function runVerb<I extends TargetIntent, D>(
  context: Context,
  call: VerbCall<I, D>,
  defaulting: Defaulting<I, D>,
): Promise<number> {
  const { command, report, env, signal } = context;
  const { flags } = call;
  const attempt: Attempt = {
    verb: command,
    target: { name: call.intent.name, ...given({ namespace: flags.namespace }) },
    dryRun: call.intent.dryRun,
  };
  if (flags.dryRun?.bare) report.warn('--dry-run is deprecated and can be replaced with --dry-run=client.');
  let where: ReturnType<typeof showWhere> | undefined;
  let open: Awaited<ReturnType<Context['openWorld']>> | undefined;
  const shown = new Set<DoneResult>();
  const streams = flags.record === RECORD_TO_STDOUT;
  try {
    const openAll = call.several
      ? (options: WorldOptions) => openContexts(context.openWorld, options)
      : (options: WorldOptions) => openOneContext(command, context.openWorld, options);
    // A kubeconfig may be a pipe that no one writes to.
    const opened = await untilStopped(signal, call.intent.timeoutMs, () =>
      openAll({ connection: connectionOf(flags), cloud: cloudOf(flags), env, report, signal }),
    );
    open = opened;
    attempt.target = { namespace: opened.world.kube.namespace, name: call.intent.name };
    const { call: whole, used, foreseen, failed } = await completed(context, opened.world, call, defaulting);
    const { intent, printer } = whole;
    Object.assign(attempt, given({ defaults: used }));
    const world = await worldOf(opened, whole);
    where = showWhere(context, world, whereShown(whole), { everywhere: flags.allNamespaces === true });
    const own = (world: World, intent: I) => whole.flow(world, intent, completing(command, call, defaulting));
    const flow = failed ? own : (context.watchFlow?.(command, own) ?? own);
    const wrote = () => opened.wrote?.() ?? false;
    const limited = async (world: World) => {
      const outcome = await withinLimit(world, limitOf(command, intent), (inner) => flow(inner, intent));
      return foreseen.length === 0 ? outcome : { ...outcome, refusals: [...foreseen, ...outcome.refusals] };
    };
    const ended = endingWell(limited, printer, { verb: command, name: intent.name }, wrote);
    const told = withNotices(
      context,
      call.counts ? flags.notifyCommand : undefined,
      intent,
      withMetrics(context, flags.metricsTextfile, intent, ended),
    );
    if (flags.output === undefined && !streams) world.done = showing(context, shown);
    const outcome = await withRecording(context, flags.record, intent, world, told, wrote);
    where.atTheEnd();
    return await printOutcome(
      streams ? withoutResult(context) : context,
      { ...outcome, ...given({ defaults: used }) },
      flags.output,
      flags.noHeaders !== true,
      printer,
      shown,
    );
  } catch (error) {
    where?.atTheEnd();
    // A look that goes on has no other end.
    if (isWatching(call) && signal.reason instanceof InterruptedError) return signal.reason.exitCode;
    const ended = asInterruption(context, error, call, open?.wrote?.() ?? false);
    if (!streams && (flags.output === undefined || flags.output === 'wide')) showUnshown(context, ended, shown);
    return await printFailure(context, ended, dataFormat(flags), attempt, open?.wrote?.());
  } finally {
    await open?.close();
  }
}

/** The call with the workload's own defaults in it. An error on the way fails in the flow's place, so that a recording and a notice have it. */
async function completed<I extends TargetIntent, D>(
  { command }: Context,
  world: World,
  call: VerbCall<I, D>,
  defaulting: Defaulting<I, D>,
): Promise<Completed<I, D> & { failed?: true }> {
  try {
    return await useDefaults(command, world, call, defaulting);
  } catch (error) {
    return { call: { ...call, flow: () => Promise.reject(error) }, used: undefined, foreseen: [], failed: true };
  }
}

/** For one of several targets: the call with that workload's own defaults in it, and the sources as they name them. */
const completing =
  <I extends TargetIntent, D>(command: string, call: VerbCall<I, D>, defaulting: Defaulting<I, D>): CompleteFor<I> =>
  async (world, statefulSet) => {
    const { call: own, used, foreseen } = await useDefaults(command, world, call, { ...defaulting, statefulSet });
    const sources = used && call.counts ? world.within?.(world.kube.namespace, { ...own.flags }).sources : undefined;
    return {
      intent: own.intent,
      world: sources === undefined ? world : overriding(world, { sources }),
      defaults: used,
      foreseen,
    };
  };

/** With every source, for a verb that has to know zero. */
async function worldOf<I extends TargetIntent, D>(
  { world, counting }: OpenWorld,
  { counts, flags, intent }: VerbCall<I, D>,
): Promise<World> {
  if (!counts || !('source' in flags)) return world;
  return (await counting?.({ flags: { ...flags }, mayWrite: intent.dryRun === 'none' })) ?? world;
}

/** A verb that writes, and a look that goes on, show it before their work. */
const whereShown = ({
  showsWhere,
  readsOnly,
  flags,
}: Pick<VerbCall<never, never>, 'showsWhere' | 'readsOnly' | 'flags'>) =>
  showsWhere ? (readsOnly && !isWatching({ flags }) ? 'at the end' : 'at once') : 'traced';

const isWatching = ({ flags }: Pick<VerbCall<never, never>, 'flags'>): boolean => flags.watch === true;

/** Completed writes stand on stdout, whatever ended the command after them. */
function showUnshown(context: Context, error: unknown, shown: Set<DoneResult>): void {
  if (!(error instanceof ZerolossError)) return;
  const show = showing(context, shown);
  for (const result of error.results) if (result.changed && !shown.has(result)) show(result);
}

/** Prints a result of a longer work the moment it is there: what a run that is stopped later has done stands on stdout. */
const showing =
  ({ report, streams, mask }: Context, shown: Set<DoneResult>) =>
  (result: DoneResult): void => {
    shown.add(result);
    report.close();
    streams.stdout.write(written(streams.stdout, mask(resultLine(result, 'none'))));
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
  { intent: { name, dryRun }, readsOnly, interrupted }: VerbCall<I, D>,
  wrote: boolean,
): unknown {
  const reason: unknown = signal.reason;
  if (!signal.aborted || !(reason instanceof InterruptedError)) return error;
  if (error instanceof InterruptedError && error !== reason) return wrote ? error : (error.unwritten ?? error);
  const signalName = reason.exitCode === ExitCode.interrupted ? 'SIGINT' : 'SIGTERM';
  if (readsOnly || dryRun !== 'none')
    return new InterruptedError(signalName, `${command} was interrupted; nothing was written`);
  const { message, hint } = interrupted ?? {
    message: 'completed writes stay, nothing more will be written',
    hint: lines(...waysFrom(command, name)),
  };
  const ended = new InterruptedError(signalName, `${command} was interrupted; ${message}`, hint);
  return error instanceof ZerolossError ? ended.inWhole({ results: error.results }) : ended;
}
