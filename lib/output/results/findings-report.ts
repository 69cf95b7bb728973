/** The report of `check`: grouped, the worst first, on one screen; what is well is folded into one line per group unless `wide` is asked for. */
import type {
  CheckDetails,
  CheckedTarget,
  CheckOfMany,
  Finding,
  FindingGroup,
  Level,
} from '../../core/check/findings.ts';
import { differing, placedName } from '../../core/intent/target-place.ts';
import type { Advice } from '../../core/values/command.ts';
import type { Paint } from '../colour.ts';
import { folded } from '../prose.ts';
import { brokenInto } from '../text-width.ts';
import { renderChecked } from './checked-table.ts';
import type { CommandLines } from './command-lines.ts';
import type { OutcomePrinter } from './outcome-printer.ts';

/** One report, or one for each of several workloads. */
export const findingsPrinter: OutcomePrinter<CheckDetails | CheckOfMany> = {
  isReport: true,
  text({ details }, { format, width, paint, prose: commands }) {
    const printing = { wide: format === 'wide', width: Math.min(width ?? WIDTH, WIDTH), paint, commands };
    if (!('targets' in details)) return renderFindings(details, printing);
    return renderFindingsOfMany(details, printing, format === 'wide' ? undefined : width);
  },
  data: (details, commands) =>
    'targets' in details
      ? { ...details, targets: details.targets.map((target) => findingsData(target, commands)) }
      : findingsData(details, commands),
};

interface FindingsPrinting {
  /** Every finding on a line of its own. */
  wide: boolean;
  /** Columns that a line of words may take. */
  width: number;
  paint: Paint;
  commands: CommandLines;
}

const LEVEL_WIDTH = 6;
const INDENT = ' '.repeat(2 + LEVEL_WIDTH);
/** Messages are broken at this column, or at the end of a narrower terminal; commands never are, for they are there to be copied. */
const WIDTH = 110;

/** Lines for stdout, ended by a newline each. */
function renderFindings(details: CheckDetails, printing: FindingsPrinting): string {
  const groups = Map.groupBy(details.findings, ({ group }) => group);
  return [...groups].flatMap(([group, findings]) => renderGroup(group, findings, printing)).join('');
}

/** One table, and below it the reports of those that are not well (`wide`: of all), each under the name of its workload and what the report comes to. */
async function renderFindingsOfMany(
  details: CheckOfMany,
  printing: FindingsPrinting,
  width: number | undefined,
): Promise<string> {
  const { targets, unreached = [] } = details;
  const differ = differing(targets, unreached);
  const reports = targets
    .filter(({ exitCode }) => printing.wide || exitCode !== 0)
    .map(
      (target) =>
        `${placedName(workloadName(target), target, differ)}: ${target.message}\n\n${renderFindings(target, printing)}`,
    );
  return [await renderChecked(details, differ, width), ...reports].join('\n\n');
}

const workloadName = ({ kind, name }: CheckedTarget): string => `${kind ?? 'statefulset'}/${name}`;

function renderGroup(
  group: FindingGroup,
  findings: readonly Finding[],
  { wide, width, paint, commands }: FindingsPrinting,
): string[] {
  const isFolded = ({ level, figures }: Finding): boolean => !wide && level === 'OK' && figures !== true;
  const shown = findings.filter((each) => !isFolded(each));
  const folded = findings.filter(isFolded);
  // The cure of several findings in a row is shown once, below the last of them.
  const isLast = (index: number): boolean => String(shown[index]?.cure) !== String(shown[index + 1]?.cure);
  const lines = shown.flatMap(({ rule, level, message, cure }, index) => {
    const [first = '', ...rest] = brokenInto(`${rule}: ${message}`, width - INDENT.length);
    return [
      `  ${painted(level, paint)}${first}`,
      ...rest.map((line) => `${INDENT}${line}`),
      ...(cure === undefined || !isLast(index) ? [] : cureLines(cure, width, { paint, commands })),
    ];
  });
  if (folded.length > 0) {
    const rules = [...new Set(folded.map(({ rule }) => rule))].join(', ');
    const [first = '', ...rest] = brokenInto(rules, width - INDENT.length);
    lines.push(`  ${painted('OK', paint)}${first}`, ...rest.map((line) => `${INDENT}${line}`));
  }
  return [group, ...lines].map((line) => `${line}\n`);
}

/** A cure of two lines is two cures. */
function cureLines(cure: Advice, width: number, { paint, commands }: Pick<FindingsPrinting, 'paint' | 'commands'>) {
  return commands
    .render(cure)
    .split('\n')
    .flatMap((line) => folded(`${INDENT}cure: ${line}`, width).split('\n'))
    .map((line) => line.replace(/^( *)cure:/, (_, margin: string) => `${margin}${paint.dim('cure:')}`));
}

function painted(level: Level, paint: Paint): string {
  const padded = level.padEnd(LEVEL_WIDTH);
  return level === 'FAIL' ? paint.bad(padded) : level === 'WARN' ? paint.warn(padded) : paint.good(padded);
}

/** For `-o json`: the same, with cures that can be typed. */
const findingsData = (details: CheckDetails, commands: CommandLines): object => ({
  ...details,
  findings: details.findings.map(({ cure, figures: _figures, ...each }) =>
    cure === undefined ? each : { ...each, cure: commands.render(cure) },
  ),
});
