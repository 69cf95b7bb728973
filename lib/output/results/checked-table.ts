/** The table of `check` over several targets: one line each, with what stands in its way. */
import type { CheckedTarget, CheckOfMany } from '../../core/check/findings.ts';
import type { Differing } from '../../core/intent/target-place.ts';
import type { TableColumn } from '../fit-columns.ts';
import { renderTable } from '../table.ts';

const UNKNOWN = '<unknown>';
const NONE = '<none>';
/** Short: a column of numbers is no wider for it. */
const NO_COUNT = '-';
const COLUMNS: readonly TableColumn[] = [
  { header: 'TARGET', narrows: 'middle' },
  { header: 'FAIL' },
  { header: 'WARN' },
  { header: 'OK' },
  { header: 'RULES', narrows: 'lines' },
];

/** With the columns of a place that tell its targets apart; a context in which nothing could be looked for has a line too. */
export function renderChecked(
  { targets, unreached = [] }: CheckOfMany,
  { context: contexts, namespace: namespaces }: Differing,
  width: number | undefined,
): Promise<string> {
  const place = (context: string, namespace: string) => [
    ...(contexts ? [context] : []),
    ...(namespaces ? [namespace] : []),
  ];
  const columns: TableColumn[] = [
    ...(contexts ? [{ header: 'CONTEXT', narrows: 'middle' as const }] : []),
    ...(namespaces ? [{ header: 'NAMESPACE', narrows: 'middle' as const }] : []),
    ...COLUMNS,
  ];
  const rows = [
    ...targets.map((target) => [...place(target.context, target.namespace), ...cells(target)]),
    ...unreached.map(({ context }) => [
      ...place(context, UNKNOWN),
      UNKNOWN,
      NO_COUNT,
      NO_COUNT,
      NO_COUNT,
      'not-checked',
    ]),
  ];
  return renderTable(columns, rows, { headers: true, width });
}

/** The rules of its FAILs. */
function cells({ kind, name, counts, findings }: CheckedTarget): string[] {
  const failed = findings.filter(({ level }) => level === 'FAIL').map(({ rule }) => rule);
  const numbers = [counts.FAIL, counts.WARN, counts.OK].map(String);
  return [`${kind ?? 'statefulset'}/${name}`, ...numbers, [...new Set(failed)].join(', ') || NONE];
}
