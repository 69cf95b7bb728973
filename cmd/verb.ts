/** What all verbs on a TARGET share: their flags, their intent, and running a flow from connection to printed outcome. */
import { cloudFlags } from '../lib/cli/cloud-flags.ts';
import { connectionFlags } from '../lib/cli/connection-flags.ts';
import type { Arguments, Flags } from '../lib/cli/define-command.ts';
import { targetPositional } from '../lib/cli/positionals.ts';
import { commonFlags, dryRunFlag, outputFlag, recordFlag, serviceFlag } from '../lib/cli/verb-flags.ts';
import { ExitCode, InterruptedError, UsageError } from '../lib/core/errors.ts';
import type { TargetIntent } from '../lib/core/intent/intent.ts';
import type { Outcome } from '../lib/core/outcome/outcome.ts';
import { endingOf } from '../lib/core/outcome/unfinished.ts';
import { MAX_DURATION_MS } from '../lib/core/values/duration.ts';
import type { ConnectionFlags } from '../lib/kube/config/connection-flags.ts';
import type { Attempt } from '../lib/output/results/failure-text.ts';
import type { World } from '../lib/ports.ts';
import type { Context, WorldOptions } from './context.ts';
import { given } from './flags/given.ts';
import { printFailure, printOutcome } from './show/print.ts';
import { recorded } from './show/recorded.ts';

/** Every verb that may write takes these. */
export const verbFlags = {
  service: serviceFlag,
  output: outputFlag,
  dryRun: dryRunFlag,
  ...connectionFlags,
  ...cloudFlags,
  ...recordFlag,
  ...commonFlags,
} satisfies Flags;

export const targetPositionals = { target: targetPositional };

type ConnectionValues = Arguments<Record<never, never>, typeof connectionFlags>['flags'];
type CloudValues = Arguments<Record<never, never>, typeof cloudFlags>['flags'];
type VerbValues = ConnectionValues &
  CloudValues &
  Pick<Arguments<Record<never, never>, typeof verbFlags>['flags'], 'service' | 'output'> &
  Partial<Pick<Arguments<Record<never, never>, typeof verbFlags>['flags'], 'dryRun'>> & {
    noHeaders?: boolean;
    timeout?: number;
    record?: string | undefined;
    /** Verbs that have it take the flags of the sources too. */
    source?: readonly string[] | undefined;
    debugImage?: string | undefined;
  };

/** The part of an intent that every verb has. `--timeout 0` means no limit. */
export function targetIntent(name: string, flags: VerbValues): TargetIntent {
  return {
    name,
    dryRun: flags.dryRun?.mode ?? 'none',
    timeoutMs: flags.timeout === undefined || flags.timeout === 0 ? MAX_DURATION_MS : flags.timeout,
    ...given({ services: flags.service }),
  };
}

/** Exit codes that several verbs share, in the words of their help. */
export const exitCodes = {
  refused: { 4: 'refused by a safety rule, nothing was written' },
  conflict: { 5: 'another writer kept changing the same object' },
  notYet: { 6: 'not yet: the time-out passed; run it again' },
  disagrees: {
    7: 'written, and then stopped by a rule, or not shown by the load balancer or the cluster (reason says which)',
  },
  interrupted: { 130: 'interrupted (143: terminated); what was written stays' },
} as const;

/** Connects, runs the flow and prints what came of it; resolves to the exit code, whatever happens. */
export async function runVerb(
  context: Context,
  intent: TargetIntent,
  flags: VerbValues,
  flow: (world: World) => Promise<Outcome>,
  /** How the result looks to people, where it is not one line per object. */
  render?: (outcome: Outcome) => string | Promise<string>,
): Promise<number> {
  const { command, report, env, signal } = context;
  const attempt: Attempt = {
    verb: command,
    target: { name: intent.name, ...given({ namespace: flags.namespace }) },
    dryRun: intent.dryRun,
  };
  if (flags.dryRun?.bare) report.warn('--dry-run is deprecated and can be replaced with --dry-run=client.');
  let open: Awaited<ReturnType<Context['openWorld']>> | undefined;
  try {
    const counting = 'source' in flags ? { flags: { ...flags }, mayWrite: intent.dryRun === 'none' } : undefined;
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
    const wrote = () => opened.wrote?.() ?? false;
    const outcome = await recorded(context, flags.record, intent, opened.world, endingWell(flow, intent, wrote), wrote);
    return await printOutcome(context, outcome, flags.output, flags.noHeaders !== true, render);
  } catch (error) {
    return await printFailure(
      context,
      interruption(context, error, intent, flags.debugImage !== undefined),
      flags.output,
      attempt,
      open?.wrote?.(),
    );
  } finally {
    await open?.close();
  }
}

/** The flow, whose failure never promises that nothing was written when something was. */
const endingWell =
  (flow: (world: World) => Promise<Outcome>, { name }: TargetIntent, wrote: () => boolean) =>
  async (world: World): Promise<Outcome> => {
    try {
      return await flow(world);
    } catch (error) {
      throw endingOf(error, name, wrote());
    }
  };

/** Half a key is refused before anything is asked: it would be looked for elsewhere, and the verb act as somebody else. */
function cloudOf(flags: CloudValues): WorldOptions['cloud'] {
  const { region, cloudSite, profile, secretId, secretKey, secretToken } = flags;
  if ((secretId === undefined) !== (secretKey === undefined) || (secretToken !== undefined && secretId === undefined)) {
    const names = { '--secret-id': secretId, '--secret-key': secretKey };
    const missing = Object.entries(names).flatMap(([name, value]) => (value === undefined ? [name] : []));
    throw new UsageError(
      `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing: a key of the cloud account is its id and its key together`,
      'give both (and --secret-token for a temporary key), or none and export TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY',
    );
  }
  return given({ region, cloudSite, profile, secretId, secretKey, token: secretToken });
}

/** kubectl's flags as the connection wants them: what was not given is absent. */
export function connectionOf(flags: ConnectionValues): ConnectionFlags {
  const { requestTimeout, asGroup, asUserExtra, disableCompression, insecureSkipTlsVerify, ...texts } =
    Object.fromEntries(
      Object.keys(connectionFlags).map((key) => [key, flags[key as keyof ConnectionValues]]),
    ) as ConnectionValues;
  return given({
    ...texts,
    requestTimeoutMs: requestTimeout === 0 ? undefined : requestTimeout,
    asGroup: asGroup.length === 0 ? undefined : asGroup,
    asUserExtra: asUserExtra.length === 0 ? undefined : asUserExtra,
    disableCompression: disableCompression || undefined,
    insecureSkipTlsVerify: insecureSkipTlsVerify || undefined,
  });
}

const READ_ONLY: ReadonlySet<string> = new Set(['history', 'check', 'status', 'verify', 'plan']);

/** Once the user has asked to stop, every failure is that request; it names the way on and the way back. */
function interruption(
  { signal, command }: Context,
  error: unknown,
  { name, dryRun }: TargetIntent,
  debugs: boolean,
): unknown {
  const reason: unknown = signal.reason;
  if (!signal.aborted || !(reason instanceof InterruptedError)) return error;
  if (error instanceof InterruptedError && error !== reason) return error;
  const signalName = reason.exitCode === ExitCode.interrupted ? 'SIGINT' : 'SIGTERM';
  if (READ_ONLY.has(command) || dryRun !== 'none')
    return new InterruptedError(signalName, `${command} was interrupted; nothing was written`);
  if (command === 'wait-zero')
    return new InterruptedError(
      signalName,
      `wait-zero was interrupted; no weight was changed and no pod deleted: all that stays is when it saw weight 0, on the Services${debugs ? ', and the debug containers' : ''}`,
      'to go on: the same command again',
    );
  return new InterruptedError(
    signalName,
    `${command} was interrupted; what was already written stays, and nothing more will be`,
    [
      `to see where it stands: kubectl zeroloss status ${name}`,
      'to go on: the same command again',
      `to go back: kubectl zeroloss restore ${name}`,
    ].join('\n'),
  );
}
