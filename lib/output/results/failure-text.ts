/** An error as text in kubectl's manner, and as the data of `-o json`. */

import {
  DisagreesError,
  ExitCode,
  RefusedError,
  UnfinishedError,
  UsageError,
  UsageErrors,
  ZerolossError,
} from '../../core/errors.ts';
import type { DefaultTexts } from '../../core/intent/workload-defaults.ts';
import type { DryRun } from '../../core/outcome/outcome.ts';
import type { Paint } from '../colour.ts';
import { visibleIn } from '../visible.ts';
import type { CommandLines } from './command-lines.ts';
import { API_VERSION } from './print-outcome.ts';
import { refusalData, renderRefusals } from './refusals.ts';

export interface FailureContext {
  paint: Paint;
  commands: CommandLines;
  /** `kubectl zeroloss drain`, for "See '… --help' for usage."; undefined: not an error of a command. */
  helpFor: string | undefined;
  /** Whether the verb had written before; absent: it had not. */
  wrote?: boolean;
  /** -v: from 1 on, an unexpected error shows where it came from. */
  verbosity: number;
}

/** The target of a verb, as far as it is known when it fails. */
export interface Attempt {
  verb?: string;
  target?: { namespace?: string; name: string };
  dryRun?: DryRun;
  /** The workload's own defaults that the verb used; absent: it used none. */
  defaults?: DefaultTexts;
}

/** Messages that kubectl prints without another `error: ` (kubectl checkErr: server and connection errors name themselves). */
const NAMES_ITSELF = /^(Error from server|Error in configuration|Unable to connect|The connection)/;

export function exitCodeOf(error: unknown): number {
  return error instanceof ZerolossError ? error.exitCode : ExitCode.error;
}

/** All lines for stderr. */
export function renderFailure(
  exact: unknown,
  { paint, commands, helpFor, wrote = false, verbosity }: FailureContext,
): string {
  const error = visibleIn(exact);
  const lines: string[] = [];
  if (error instanceof UnfinishedError && error.refusals.length === 0)
    lines.push(`${paint.bad('error:')} ${error.reason}: ${messageOf(error)}`);
  else if (error instanceof RefusedError || error instanceof UnfinishedError) {
    const rules = new Set(error.refusals.map(({ rule }) => rule)).size;
    const by = rules === 1 ? 'a safety rule' : `${rules} safety rules`;
    const said =
      error instanceof UnfinishedError
        ? `${error.reason}: ${by} stopped it, nothing more was written`
        : `refused by ${by}, ${wrote ? 'nothing more was written' : 'nothing was written'}`;
    lines.push(`${paint.bad('error:')} ${said}`, ...renderRefusals(error.refusals, commands));
  } else {
    const said = (one: unknown) =>
      (NAMES_ITSELF.test(messageOf(one)) ? '' : `${paint.bad('error:')} `) + messageOf(one);
    // A command line may have several things wrong with it: each with its own hint.
    if (error instanceof UsageErrors)
      lines.push(...error.each.flatMap((one) => [said(one), ...hintLines(one, commands)]));
    else lines.push(said(error));
  }
  if (error instanceof DisagreesError)
    lines.push(`reason: ${error.reason}${error.shown === undefined ? '' : `: ${error.shown}`}`);
  if (!(error instanceof UsageErrors)) lines.push(...hintLines(error, commands));
  if (error instanceof UsageError && helpFor !== undefined) lines.push(`See '${helpFor} --help' for usage.`);
  if (verbosity >= 1) lines.push(...trail(error));
  else if (!(error instanceof ZerolossError))
    lines.push('hint: this is unexpected; run it again with -v 1 to see where it came from');
  return lines.map((line) => `${line}\n`).join('');
}

const hintLines = (error: unknown, commands: CommandLines): string[] =>
  error instanceof ZerolossError && error.advice !== undefined
    ? commands
        .render(error.advice)
        .split('\n')
        .map((line) => `hint: ${line}`)
    : [];

/** The same failure as the object that `-o json` prints. `changed` is absent where it is unknown: no cluster was reached, and the code is not 2 or 4. */
export function failureData(error: unknown, attempt: Attempt, commands: CommandLines, wrote?: boolean): object {
  const exitCode = exitCodeOf(error);
  const nothingWritten = exitCode === ExitCode.usage || exitCode === ExitCode.refused;
  return {
    apiVersion: API_VERSION,
    kind: 'Outcome',
    ...attempt,
    exitCode,
    reason: error instanceof UnfinishedError || error instanceof DisagreesError ? error.reason : undefined,
    changed: wrote ?? (nothingWritten ? false : undefined),
    results: error instanceof ZerolossError ? error.results : [],
    error: messageOf(error),
    refusals:
      error instanceof RefusedError || error instanceof UnfinishedError ? refusalData(error.refusals, commands) : [],
    hint: error instanceof ZerolossError && error.advice !== undefined ? commands.render(error.advice) : undefined,
    next: [],
    details: error instanceof UsageErrors ? mistakes(error, commands) : evidenceOf(error),
  };
}

const evidenceOf = (error: unknown): unknown => (error instanceof ZerolossError ? error.evidence : undefined);

/** Every mistake of a command line with its own hint. */
const mistakes = ({ each }: UsageErrors, commands: CommandLines): object => ({
  errors: each.map(({ message, advice }) => ({
    error: message,
    hint: advice === undefined ? undefined : commands.render(advice),
  })),
});

function messageOf(error: unknown): string {
  const message = (error instanceof Error ? error.message : String(error)).replace(/^error: /, '');
  return message === '' ? 'unknown error' : message;
}

/** The stack of an unexpected error, and the chain of causes of any. */
function trail(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const own = error instanceof ZerolossError ? [] : (error.stack ?? '').split('\n').slice(1);
  const cause = error.cause instanceof Error ? [`caused by: ${error.cause.message}`, ...trail(error.cause)] : [];
  return [...own, ...cause];
}
