/** A verb on a TARGET as one value: its flags and help, whether it writes, its intent, its flow, and how its outcome is shown. */
import {
  type Arguments,
  type Definition,
  type Description,
  defineCommand,
  type Flags,
  type Positionals,
} from '../lib/cli/define-command.ts';
import type { TargetIntent } from '../lib/core/intent/intent.ts';
import type { Outcome } from '../lib/core/outcome/outcome.ts';
import type { OutcomePrinter } from '../lib/output/results/outcome-printer.ts';
import type { Gate, World } from '../lib/ports.ts';
import type { Context } from './context.ts';
import type { targetFlags, VerbValues } from './flags/target-flags.ts';
import type { Interruption } from './run-verb.ts';

export interface Verb<P extends Positionals, F extends Flags, I, D> extends Description<P, F> {
  /** True: nothing in the cluster is ever written, so that an interruption has nothing to report. */
  readsOnly: boolean;
  /** Throws UsageError for arguments that make no sense together; nothing has been asked by then. */
  intent(args: Arguments<P, F>, context: Context): I | Promise<I>;
  /** The operator's own gates, asked at every look. Throws UsageError. */
  gates?(args: Arguments<P, F>, context: Context): Promise<Gate[]>;
  /** Whether the cluster, the namespace and the load balancer are shown on stderr; absent: with -v 1 alone. */
  showsWhere?: true;
  /** False: the flags of the sources are only repeated, and no source is opened for them. */
  counts?: boolean;
  /** Loads the flow when it is first called, so that help and completion start fast. */
  flow(world: World, intent: I, call: { context: Context; flags: Arguments<P, F>['flags'] }): Promise<Outcome<D>>;
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
  const { readsOnly, showsWhere, counts = true, intent, gates, flow, printer, interrupted, ...description } = spec;
  return defineCommand({
    ...description,
    async run(context: Context, args: Arguments<P, F>) {
      const asked = await intent(args, context);
      const own = await gates?.(args, context);
      const { runVerb } = await import('./run-verb.ts');
      return runVerb(context, {
        intent: asked,
        // F has every flag of `targetFlags`, whose values these are.
        flags: args.flags as unknown as VerbValues,
        readsOnly,
        showsWhere: showsWhere === true,
        counts,
        flow: (world, intent) =>
          flow(own === undefined ? world : { ...world, gates: own }, intent, { context, flags: args.flags }),
        printer: printer?.(args, asked) ?? {},
        interrupted: interrupted?.(args),
      });
    },
  });
}
