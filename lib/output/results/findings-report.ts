/** The report of `check`: grouped, the worst first, on one screen; what is well is folded into one line per group unless `wide` is asked for. */
import type { CheckDetails, CheckOfMany, Finding, Group, Level } from '../../core/check/findings.ts';
import type { Paint } from '../colour.ts';
import type { CommandLines } from './command-lines.ts';
import type { OutcomePrinter } from './outcome-printer.ts';

/** One report, or one for each of several StatefulSets. */
export const findingsPrinter: OutcomePrinter<CheckDetails | CheckOfMany> = {
  isReport: true,
  text({ details }, { format, paint, commands }) {
    const printing = { wide: format === 'wide', paint, commands };
    return 'targets' in details ? renderFindingsOfMany(details, printing) : renderFindings(details, printing);
  },
  data: (details, commands) =>
    'targets' in details
      ? { ...details, targets: details.targets.map((target) => findingsData(target, commands)) }
      : findingsData(details, commands),
};

interface FindingsPrinting {
  /** Every finding on a line of its own. */
  wide: boolean;
  paint: Paint;
  commands: CommandLines;
}

const LEVEL_WIDTH = 6;
const INDENT = ' '.repeat(2 + LEVEL_WIDTH);
/** Messages are broken at this column; commands never are, for they are there to be copied. */
const WIDTH = 110;

/** Lines for stdout, ended by a newline each. */
function renderFindings(details: CheckDetails, printing: FindingsPrinting): string {
  const groups = Map.groupBy(details.findings, ({ group }) => group);
  return [...groups].flatMap(([group, findings]) => renderGroup(group, findings, printing)).join('');
}

/** One report after the other, each under the name of its StatefulSet and what the report comes to. */
const renderFindingsOfMany = ({ targets }: CheckOfMany, printing: FindingsPrinting): string =>
  targets
    .map((target) => `statefulset/${target.name}: ${target.message}\n\n${renderFindings(target, printing)}`)
    .join('\n\n');

function renderGroup(
  group: Group,
  findings: readonly Finding[],
  { wide, paint, commands }: FindingsPrinting,
): string[] {
  const shown = wide ? findings : findings.filter(({ level }) => level !== 'OK');
  const folded = wide ? [] : findings.filter(({ level }) => level === 'OK');
  const lines = shown.flatMap(({ rule, level, message, cure }) => {
    const [first = '', ...rest] = brokenAt(WIDTH - INDENT.length, `${rule}: ${message}`);
    return [
      `  ${painted(level, paint)}${first}`,
      ...rest.map((line) => `${INDENT}${line}`),
      ...(cure === undefined ? [] : [`${INDENT}${paint.dim('cure:')} ${commands.cure(cure)}`]),
    ];
  });
  if (folded.length > 0) {
    const rules = [...new Set(folded.map(({ rule }) => rule))].join(', ');
    const [first = '', ...rest] = brokenAt(WIDTH - INDENT.length, rules);
    lines.push(`  ${painted('OK', paint)}${first}`, ...rest.map((line) => `${INDENT}${line}`));
  }
  return [group, ...lines].map((line) => `${line}\n`);
}

function painted(level: Level, paint: Paint): string {
  const padded = level.padEnd(LEVEL_WIDTH);
  return level === 'FAIL' ? paint.bad(padded) : level === 'WARN' ? paint.warn(padded) : paint.good(padded);
}

/** Broken at spaces; a longer word stays whole. */
function brokenAt(width: number, text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** For `-o json`: the same, with cures that can be typed. */
const findingsData = (details: CheckDetails, commands: CommandLines): object => ({
  ...details,
  findings: details.findings.map(({ cure, ...each }) =>
    cure === undefined ? each : { ...each, cure: commands.cure(cure) },
  ),
});
