/** Prints the end of a command: an outcome, or the error that it ended with. */

import type { ObjectResult, Outcome } from '../../lib/core/outcome/outcome.ts';
import { type Attempt, exitCodeOf, failureData, renderFailure } from '../../lib/output/results/failure-text.ts';
import type { OutcomePrinter } from '../../lib/output/results/outcome-printer.ts';
import { type OutputFormat, renderOutcome } from '../../lib/output/results/print-outcome.ts';
import { lineWidthOf } from '../../lib/output/streams.ts';
import { renderStructured } from '../../lib/output/structured.ts';
import type { Context } from '../context.ts';
import { given } from '../flags/given.ts';

/** Resolves to the outcome's exit code. */
export async function printOutcome<D>(
  context: Context,
  outcome: Outcome<D>,
  format: OutputFormat | undefined,
  headers: boolean,
  printer: OutcomePrinter<D>,
  shown?: ReadonlySet<ObjectResult>,
): Promise<number> {
  const { report, paint, paintOut, commands, prose, streams, mask } = context;
  const width = lineWidthOf(streams.stdout);
  const printing = { format, headers, width, paint, paintOut, commands, prose, mask, ...given({ shown }) };
  const printed = await renderOutcome(outcome, printing, printer);
  report.close();
  if (printed.stdout !== '') streams.stdout.write(printed.stdout);
  if (printed.stderr !== '') report.prose(printed.stderr);
  return outcome.exitCode;
}

/** The parts of a Context that printing a failure needs; the rest of a Context may not be there yet when a command line cannot be read. */
export type FailurePrinting = Pick<
  Context,
  'streams' | 'paint' | 'mask' | 'report' | 'commands' | 'prose' | 'verbosity' | 'program'
> & {
  command: string | undefined;
};

/** Lines on stderr, and with `-o json|yaml` the same as data on stdout. `wrote`: whether the verb had written something before. Resolves to the error's exit code. */
export async function printFailure(
  context: FailurePrinting,
  error: unknown,
  format: OutputFormat | undefined,
  attempt: Attempt,
  wrote?: boolean,
): Promise<number> {
  const { report, paint, commands, prose, streams, mask, verbosity, program, command } = context;
  report.close();
  if (format === 'json' || format === 'yaml') {
    streams.stdout.write(await renderStructured(failureData(error, attempt, commands, wrote), format, mask));
  }
  const helpFor = command === undefined ? program : `${program} ${command}`;
  report.prose(mask(renderFailure(error, { paint, commands: prose, helpFor, wrote: wrote ?? false, verbosity })));
  return exitCodeOf(error);
}
