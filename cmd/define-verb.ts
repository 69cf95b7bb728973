/** A verb on a TARGET as one value: its flags and help, whether it writes, its intent, its flow, and how its outcome is shown. */
import type { Arguments, Check, Flags, Positionals } from '../lib/cli/arguments.ts';
import { flagName } from '../lib/cli/arguments.ts';
import { type CommandLine, type Definition, type Description, defineCommand } from '../lib/cli/define-command.ts';
import type { TargetIntent } from '../lib/core/intent/intent.ts';
import type { DefaultTexts, JudgedDefaults } from '../lib/core/intent/workload-defaults.ts';
import type { Outcome } from '../lib/core/outcome/outcome.ts';
import type { Target } from '../lib/core/target/target.ts';
import type { OutcomePrinter } from '../lib/output/results/outcome-printer.ts';
import type { Gate, World } from '../lib/ports.ts';
import type { Context } from './context.ts';
import { refuseHalfKey } from './flags/connection-of.ts';
import type { targetFlags, VerbValues } from './flags/target-flags.ts';
import { refuseTwoResults } from './flags/two-results.ts';
import type { BadDefaults } from './use-defaults.ts';
import type { CompleteFor, Interruption, VerbCall } from './verb-call.ts';

export interface Verb<P extends Positionals, F extends Flags, I, D> extends Description<P, F> {
  /** As defineCommand's; those of every verb come on top. */
  checks?: readonly Check<P, F>[];
  /** True: nothing in the cluster is ever written, so that an interruption has nothing to report. */
  readsOnly: boolean;
  /** Throws UsageError for a file that cannot be read; nothing has been asked by then. `defaults`: those of the target, whose texts the flags have now where no one typed them. */
  intent(args: Arguments<P, F>, context: Context, defaults?: JudgedDefaults): I | Promise<I>;
  /** The StatefulSet whose own defaults fill in flags; undefined: none. Absent: TARGET. */
  defaultsOf?(args: Arguments<P, F>): string | undefined;
  /** The answer to a default that no verb may use. Absent: refuses. `warn`: the way back never waits for it. `foresee`: the outcome has it among its refusals. `find`: the flow has it among its findings. */
  badDefaults?: BadDefaults;
  /** The operator's own gates, asked at every look. Throws UsageError. */
  gates?(args: Arguments<P, F>, context: Context): Promise<Gate[]>;
  /** Whether the cluster, the namespace and the load balancer are shown on stderr; absent: with -v 1 alone. */
  showsWhere?: true;
  /** False: the flags of the sources and of the notices are only repeated: no source is opened for them, and no command run. */
  counts?: boolean;
  /** It looks at several targets, and takes `--context a,b`. */
  several?: true;
  /** Loads the flow when it is first called, so that help and completion start fast. `completeFor`: the wish for one of several targets, with what its workload brings itself. */
  flow(
    world: World,
    intent: I,
    call: { context: Context; flags: Arguments<P, F>['flags']; completeFor: CompleteFor<I> },
  ): Promise<Outcome<D>>;
  /** Absent: a line per object. */
  printer?(args: Arguments<P, F>, intent: I): OutcomePrinter<D>;
  /** Absent: what was written stays; `status` shows it, and `restore` is the way back. */
  interrupted?(args: Arguments<P, F>): Interruption;
}

/** Makes a command whose run connects, calls the flow and prints its outcome. */
export function defineVerb<
  P extends Positionals,
  F extends Flags & typeof targetFlags,
  I extends TargetIntent,
  D = unknown,
>(spec: Verb<P, F, I, D>): Definition<Context> {
  const { readsOnly, showsWhere, counts = true, intent, gates, flow, printer, interrupted, ...rest } = spec;
  const { defaultsOf = targetOf, badDefaults = 'refuse', several = false, ...description } = rest;
  // F has every flag of `targetFlags`, whose values these are.
  const common = (flags: Arguments<P, F>['flags']) => flags as unknown as VerbValues;
  return defineCommand({
    ...description,
    checks: [
      ...(description.checks ?? []),
      (flags) => refuseTwoResults(common(flags)),
      (flags) => refuseHalfKey(common(flags)),
    ],
    async run(context: Context, args: Arguments<P, F>, line: CommandLine<P, F>) {
      const callOf = async (
        args: Arguments<P, F>,
        texts: DefaultTexts = {},
        defaults?: JudgedDefaults,
      ): Promise<VerbCall<I, D>> => {
        // A Job holds the flags as they were given, and those that the workload gives.
        const given = Object.entries(texts).map(([name, text]) => [name, [text]] as const);
        const typed = new Map([...context.typed, ...given]);
        const asked = await intent(args, given.length === 0 ? context : { ...context, typed }, defaults);
        const own = await gates?.(args, context);
        return {
          intent: asked,
          flags: common(args.flags),
          readsOnly,
          showsWhere: showsWhere === true,
          counts,
          several,
          flow: (world, intent, completeFor) =>
            flow(own === undefined ? world : { ...world, gates: own }, intent, {
              context,
              flags: args.flags,
              completeFor,
            }),
          printer: printer?.(args, asked) ?? {},
          interrupted: interrupted?.(args),
        };
      };
      const { runVerb } = await import('./run-verb.ts');
      return runVerb(context, await callOf(args), {
        statefulSet: defaultsOf(args),
        takes: Object.keys(description.flags).map(flagName),
        typed: line.typed,
        bad: badDefaults,
        complete: (texts, judged) => callOf(line.readWith(texts), texts, judged),
      });
    },
  });
}

/** TARGET, where the command takes one. */
const targetOf = ({ positionals }: { positionals: Readonly<Record<string, unknown>> }): string | undefined =>
  (positionals['target'] as Target | undefined)?.name;
