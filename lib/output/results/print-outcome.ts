/** An outcome as text: what goes to stdout (the result alone) and what goes to stderr. */
import { isCheckDetails, isCheckOfMany } from '../../core/check/findings.ts';
import { ExitCode } from '../../core/errors.ts';
import type { DryRun, ObjectResult, Outcome } from '../../core/outcome/outcome.ts';
import { isStatusDetails } from '../../core/status/status-view.ts';
import { type Paint, paintFor } from '../colour.ts';
import type { Mask } from '../mask-secrets.ts';
import { renderStatusTable } from '../status/status-table.ts';
import { renderStructured } from '../structured.ts';
import type { CommandLines } from './command-lines.ts';
import { findingsData, renderFindings, renderFindingsOfMany } from './findings-report.ts';
import { refusalData, renderRefusals } from './refusals.ts';

export type OutputFormat = 'json' | 'yaml' | 'name' | 'wide';

export interface Printing {
  /** undefined: lines for people. */
  format: OutputFormat | undefined;
  headers: boolean;
  /** For stderr. */
  paint: Paint;
  /** For stdout; absent: plain. */
  paintOut?: Paint;
  commands: CommandLines;
  mask: Mask;
}

/** Masked. */
export interface Printed {
  stdout: string;
  stderr: string;
}

export const API_VERSION = 'zeroloss/v1';

/** kubectl's suffixes (cli-runtime PrintFlags.Complete). */
const SUFFIX: Record<DryRun, string> = { none: '', client: ' (dry run)', server: ' (server dry run)' };

/** Nothing left to do is an answer, not a failure. */
const succeeded = ({ exitCode }: Outcome): boolean => exitCode === ExitCode.done || exitCode === ExitCode.nothingLeft;

/** Renders for people, or as data. On a failure stdout stays empty, but for data, which then carries the failure. */
export async function renderOutcome(outcome: Outcome, printing: Printing): Promise<Printed> {
  const { format, mask } = printing;
  const stderr = mask(renderForPeople(outcome, printing));
  if (format === 'json' || format === 'yaml') {
    return { stdout: await renderStructured(outcomeData(outcome, printing.commands), format, printing.mask), stderr };
  }
  const lines = mask(await renderResult(outcome, printing));
  // A report is the result, whatever it says.
  return outcome.verb === 'check' || succeeded(outcome)
    ? { stdout: lines, stderr }
    : { stdout: '', stderr: lines + stderr };
}

/** The object that `-o json` prints. */
export function outcomeData(outcome: Outcome, commands: CommandLines): object {
  const { message, next, details, refusals, ...rest } = outcome;
  const said = message === undefined ? undefined : commands.cure(message);
  return {
    apiVersion: API_VERSION,
    kind: 'Outcome',
    ...rest,
    message: said,
    error: succeeded(outcome) ? undefined : (said ?? `${outcome.verb} failed`),
    refusals: refusalData(refusals, commands),
    next: next.map(commands.own),
    details: outcome.verb === 'check' ? checkData(details, commands) : details,
  };
}

function checkData(details: unknown, commands: CommandLines): unknown {
  if (isCheckDetails(details)) return findingsData(details, commands);
  if (!isCheckOfMany(details)) return details;
  return { ...details, targets: details.targets.map((target) => findingsData(target, commands)) };
}

async function renderResult(outcome: Outcome, printing: Printing): Promise<string> {
  const { format, headers, commands, paintOut = paintFor(false) } = printing;
  const { details, results } = outcome;
  if (outcome.verb === 'check' && isCheckDetails(details))
    return renderFindings(details, { wide: format === 'wide', paint: paintOut, commands });
  if (outcome.verb === 'check' && isCheckOfMany(details))
    return renderFindingsOfMany(details, { wide: format === 'wide', paint: paintOut, commands });
  if (outcome.verb === 'status' && isStatusDetails(details)) {
    if (format === 'name') return details.rows.map(({ pod }) => `pod/${pod}\n`).join('');
    return renderStatusTable(details, { wide: format === 'wide', headers });
  }
  if (format === 'name') return [...new Set(results.map(({ object }) => `${object}\n`))].join('');
  return results.map((result) => resultLine(result, outcome.dryRun)).join('');
}

const resultLine = ({ object, action, note }: ObjectResult, dryRun: DryRun): string =>
  `${object} ${action}${note === undefined ? '' : ` (${note})`}${SUFFIX[dryRun]}\n`;

function renderForPeople(outcome: Outcome, { paint, commands }: Printing): string {
  const { message, details, refusals, next } = outcome;
  const lines: string[] = [];
  if (isStatusDetails(details)) lines.push(...details.notes.map((note) => paint.warn(`note: ${note}`)));
  if (message !== undefined) {
    const said = commands.cure(message);
    lines.push(succeeded(outcome) ? said : `${paint.bad('error:')} ${said}`);
  }
  lines.push(...renderRefusals(refusals, commands));
  lines.push(...next.map((command) => paint.dim(`next: ${commands.own(command)}`)));
  return lines.map((line) => `${line}\n`).join('');
}
