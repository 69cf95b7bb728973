/** The result of a verb, as data: the printer renders it, `-o json` prints it, nothing else is ever printed on stdout. */
import type { ExitCode, Refusal } from '../errors.ts';
import type { DefaultTexts } from '../intent/workload-defaults.ts';
import type { Advice, CommandAdvice } from '../values/command.ts';

export type DryRun = 'none' | 'client' | 'server';

/** The result for one object. `object` is kubectl's TYPE/NAME form, for example `service/nginx`. */
export interface ObjectResult {
  object: string;
  /** Past participle for people: drained, restored, deleted, recreated, scaled, unchanged, … */
  action: string;
  changed: boolean;
  /** Facts that a reader wants beside the action, in a few words. */
  note?: string;
}

interface CommonOutcome {
  verb: string;
  target: { namespace: string; name: string };
  dryRun: DryRun;
  /** The workload's own defaults that the verb used; absent: it used none. */
  defaults?: DefaultTexts;
  exitCode: ExitCode;
  changed: boolean;
  results: readonly ObjectResult[];
  /** The run ended where it was asked to, and pods are left; absent in every other outcome. */
  paused?: true;
  refusals: readonly Refusal[];
  /** One sentence for people, on stderr, when there is more to say than the results do. */
  message?: string | Advice;
  /** Commands that may follow. */
  next: readonly CommandAdvice[];
}

/**
 * `D`: the verb's own data for -o json; plain JSON values only. A verb that prints its details names their type, and
 * then no outcome of it can lack them.
 */
export type Outcome<D = unknown> = CommonOutcome & (unknown extends D ? { details?: D } : { details: D });
