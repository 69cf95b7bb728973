/** An outcome as text: what goes to stdout (the result alone) and what goes to stderr. */
import { ExitCode } from '../../core/errors.ts';
import type { DryRun, ObjectResult, Outcome } from '../../core/outcome/outcome.ts';
import { type Paint, paintFor } from '../colour.ts';
import type { Mask } from '../mask-secrets.ts';
import { folded } from '../prose.ts';
import { renderStructured } from '../structured.ts';
import { visibleIn } from '../visible.ts';
import type { CommandLines } from './command-lines.ts';
import type { OutcomePrinter } from './outcome-printer.ts';
import { refusalData, renderRefusals } from './refusals.ts';

/** `html`, `sh`, `job` and `argo` are formats of single verbs, whose printers render them. */
export type OutputFormat = 'json' | 'yaml' | 'name' | 'wide' | 'html' | 'sh' | 'job' | 'argo';

export interface Printing {
  /** undefined: lines for people. */
  format: OutputFormat | undefined;
  headers: boolean;
  /** As Look's. */
  width?: number | undefined;
  /** For stderr. */
  paint: Paint;
  /** For stdout; absent: plain. */
  paintOut?: Paint;
  commands: CommandLines;
  /** Commands in lines for stderr, which `written` breaks. */
  prose: CommandLines;
  mask: Mask;
  /** Results that stand on stdout already. */
  shown?: ReadonlySet<ObjectResult>;
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
const succeeded = ({ exitCode }: Pick<Outcome, 'exitCode'>): boolean =>
  exitCode === ExitCode.done || exitCode === ExitCode.nothingLeft;

/** Renders for people, or as data. On a failure stdout stays empty, but for data, which then carries the failure. */
export async function renderOutcome<D>(
  exact: Outcome<D>,
  printing: Printing,
  printer: OutcomePrinter<D> = {},
): Promise<Printed> {
  const { format, mask } = printing;
  const shown = visibleIn(exact);
  const stderr = mask(renderForPeople(shown, printing, printer));
  if (format === 'json' || format === 'yaml') {
    const data = outcomeData(exact, printing.commands, printer);
    return { stdout: await renderStructured(data, format, printing.mask), stderr };
  }
  // Output for a file keeps the exact text.
  const outcome = format === 'html' || format === 'sh' || format === 'job' || format === 'argo' ? exact : shown;
  // Asked of the results themselves: what is visible of them are copies.
  const left = visibleIn(exact.results.filter((result) => printing.shown?.has(result) !== true));
  const lines = mask(await renderResult(outcome, left, printing, printer));
  return printer.isReport === true || succeeded(exact)
    ? { stdout: lines, stderr }
    : { stdout: '', stderr: lines + stderr };
}

/** The object that `-o json` prints. */
export function outcomeData<D>(outcome: Outcome<D>, commands: CommandLines, { data }: OutcomePrinter<D> = {}): object {
  const { message, next, details, refusals, ...rest } = outcome;
  const said = message === undefined ? undefined : commands.render(message);
  return {
    apiVersion: API_VERSION,
    kind: 'Outcome',
    ...rest,
    message: said,
    error: succeeded(outcome) ? undefined : (said ?? `${outcome.verb} failed`),
    refusals: refusalData(refusals, commands),
    next: next.map(commands.render),
    // A printer is of a verb that names the type of its details, and then they are there.
    details: data === undefined ? details : data(details as D, commands),
  };
}

async function renderResult<D>(
  outcome: Outcome<D>,
  /** Those that do not stand on stdout yet. */
  left: readonly ObjectResult[],
  { format, headers, width, commands, prose, paintOut = paintFor(false) }: Printing,
  { text, names }: OutcomePrinter<D>,
): Promise<string> {
  const { results } = outcome;
  if (format === 'name') {
    const objects = names?.(outcome) ?? results.map(({ object }) => object);
    return [...new Set(objects)]
      .map(
        (object) => `${object}
`,
      )
      .join('');
  }
  if (text !== undefined) return text(outcome, { format, headers, width, commands, prose, paint: paintOut });
  const lines = left.map((result) => resultLine(result, outcome.dryRun)).join('');
  return width === undefined ? lines : folded(lines, width);
}

export const resultLine = ({ object, action, note }: ObjectResult, dryRun: DryRun): string =>
  `${object} ${action}${note === undefined ? '' : ` (${note})`}${SUFFIX[dryRun]}\n`;

function renderForPeople<D>(
  outcome: Outcome<D>,
  { paint, prose: commands }: Printing,
  { notes }: OutcomePrinter<D>,
): string {
  const { message, details, refusals, next } = outcome;
  const lines: string[] = [];
  if (notes !== undefined)
    lines.push(...notes(details as D).map((note) => `${paint.warn('note:')} ${commands.render(note)}`));
  if (message !== undefined) {
    const said = commands.render(message);
    lines.push(succeeded(outcome) ? said : `${paint.bad('error:')} ${said}`);
  }
  lines.push(...renderRefusals(refusals, commands));
  lines.push(...next.map((command) => `${paint.dim('next:')} ${commands.render(command)}`));
  return lines.map((line) => `${line}\n`).join('');
}
