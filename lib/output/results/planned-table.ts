/** The output of `plan` over several targets: one line each, with what its upgrade takes and what would refuse it first. */
import { type Differing, differing, placedName } from '../../core/intent/target-place.ts';
import { isPlanned, type PlannedOne, type PlannedTarget, type PlanOfMany } from '../../core/plan/plan-of-many.ts';
import { formatDuration } from '../../core/values/duration.ts';
import type { TableColumn } from '../fit-columns.ts';
import { renderTable } from '../table.ts';
import type { CommandLines } from './command-lines.ts';
import { planSummary, wholeSeconds } from './plan-summary.ts';
import { renderPlanTable } from './plan-table.ts';
import { refusalData } from './refusals.ts';

const UNKNOWN = '<unknown>';
const NONE = '<none>';
const NO_COUNT = '-';
const COLUMNS: readonly TableColumn[] = [
  { header: 'TARGET', narrows: 'middle' },
  { header: 'BATCHES' },
  { header: 'PODS' },
  { header: 'TAKES', gives: 1 },
  { header: 'CONNECTIONS' },
  { header: 'FIRST REFUSAL', narrows: 'lines' },
];
const NOT_PLANNED = [NO_COUNT, NO_COUNT, NO_COUNT, NO_COUNT, 'not-planned'];

interface Printing {
  /** The steps of each plan below the table. */
  wide: boolean;
  headers: boolean;
  /** Columns of the terminal; undefined: as many as it takes. */
  width: number | undefined;
}

/** With the columns of a place that tell its targets apart; a context in which nothing could be looked for has a line too. */
export async function renderPlans(details: PlanOfMany, { wide, headers, width }: Printing): Promise<string> {
  const { targets, unreached = [] } = details;
  const differ = differing(targets, unreached);
  const columns: TableColumn[] = [
    ...(differ.context ? [{ header: 'CONTEXT', narrows: 'middle' as const }] : []),
    ...(differ.namespace ? [{ header: 'NAMESPACE', narrows: 'middle' as const }] : []),
    ...COLUMNS,
  ];
  const rows = [
    ...targets.map((each) => [...placeCells(each.context, each.namespace, differ), ...cells(each)]),
    ...unreached.map(({ context }) => [...placeCells(context, UNKNOWN, differ), UNKNOWN, ...NOT_PLANNED]),
  ];
  const table = await renderTable(columns, rows, { headers, width: wide ? undefined : width });
  if (!wide) return table;
  const plans = targets.filter(isPlanned).map(async (each) => {
    const steps = await renderPlanTable(each, { headers, width: undefined });
    return `${placedName(nameOf(each), each, differ)}: ${planSummary(each)}\n${steps === '' ? '' : `\n${steps}`}`;
  });
  return [table, ...(await Promise.all(plans))].join('\n');
}

/** For `-o json`: the same, with cures that can be typed. */
export const plansData = (details: PlanOfMany, commands: CommandLines): object => ({
  ...details,
  targets: details.targets.map(({ refusals, ...each }) => ({ ...each, refusals: refusalData(refusals, commands) })),
});

const nameOf = ({ name }: PlannedTarget): string => `statefulset/${name}`;

const placeCells = (context: string, namespace: string, differ: Differing): string[] => [
  ...(differ.context ? [context] : []),
  ...(differ.namespace ? [namespace] : []),
];

const cells = (target: PlannedTarget): string[] => [
  nameOf(target),
  ...(isPlanned(target) ? planCells(target) : NOT_PLANNED),
];

/** The rule of its first refusal, and how many there are beside it; without one, whether every rule was checked. */
function planCells({ batches, window, leastMs = 0, connections, refusals, notChecked }: PlannedOne): string[] {
  const rules = [...new Set(refusals.map(({ rule }) => rule))];
  const [first = notChecked === undefined ? NONE : 'not-checked', ...others] = rules;
  return [
    window === undefined ? String(batches.length) : `window of ${window.maxUnavailable}`,
    String(batches.flat().length),
    leastMs === 0 ? NONE : `${formatDuration(wholeSeconds(leastMs))} or more`,
    batches.length === 0 || connections === undefined ? NONE : String(connections ?? UNKNOWN),
    others.length === 0 ? first : `${first} and ${others.length} more`,
  ];
}
