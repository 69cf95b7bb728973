/** The table of `status`: one row per pod, several listeners folded into one cell where they agree. */
import type { StatusBackend, StatusRow } from '../../core/status/status-view.ts';
import { formatAge } from '../age-text.ts';
import type { TableColumn } from '../fit-columns.ts';
import { renderTable } from '../table.ts';

const UNKNOWN = '<unknown>';
const NONE = '<none>';

/** A row among those of other places: with what tells them apart. */
export interface PlacedRow extends StatusRow {
  context?: string;
  namespace?: string;
}

interface Column extends TableColumn {
  wide?: true;
  /** Shown where a row has it. */
  place?: 'context' | 'namespace';
  cell(row: PlacedRow): string;
}

const COLUMNS: readonly Column[] = [
  { header: 'CONTEXT', place: 'context', narrows: 'middle', cell: ({ context = NONE }) => context },
  { header: 'NAMESPACE', place: 'namespace', narrows: 'middle', cell: ({ namespace = NONE }) => namespace },
  { header: 'POD', narrows: 'middle', cell: ({ pod }) => pod },
  { header: 'WEIGHT', cell: ({ backends }) => numbers(backends, (backend) => backend.wantWeight) },
  { header: 'CLB', cell: ({ backends }) => numbers(backends, (backend) => backend.seenWeight) },
  { header: 'CONNECTIONS', cell: ({ backends }) => total(backends) },
  {
    header: 'REVISION',
    gives: 7,
    cell: ({ updated }) => (updated === null ? UNKNOWN : updated ? 'updated' : 'outdated'),
  },
  {
    header: 'IMAGE',
    gives: 3,
    narrows: 'middle',
    cell: ({ images }) => (images.length === 0 ? NONE : images.join(',')),
  },
  { header: 'READY', gives: 6, cell: ({ ready }) => `${ready.ready}/${ready.total}` },
  {
    header: 'GATES',
    gives: 2,
    cell: ({ gates }) => (gates.total === 0 ? NONE : `${gates.passed}/${gates.total}`),
  },
  { header: 'RESTARTS', gives: 4, cell: ({ restarts }) => String(restarts) },
  { header: 'PHASE', gives: 5, cell: ({ phase }) => phase },
  { header: 'AGE', gives: 1, cell: ({ ageSeconds }) => formatAge(ageSeconds) },
  { header: 'IP', wide: true, cell: ({ ip }) => ip ?? NONE },
  { header: 'UID', wide: true, cell: ({ uid }) => uid ?? NONE },
  { header: 'LISTENERS', wide: true, cell: ({ backends }) => backends.map(listener).join(',') || NONE },
];

/** The table, with the wide columns when asked, and then as wide as it is; notes are not part of it. */
export async function renderStatusTable(
  rows: readonly PlacedRow[],
  { wide, headers, width }: { wide: boolean; headers: boolean; width?: number | undefined },
): Promise<string> {
  const columns = COLUMNS.filter(
    ({ wide: isWide, place }) =>
      (wide || isWide !== true) && (place === undefined || rows.some((row) => row[place] !== undefined)),
  );
  const cells = rows.map((row) => columns.map(({ cell }) => cell(row)));
  return renderTable(columns, cells, { headers, width: wide ? undefined : width });
}

/** One number when all listeners agree, else each of them in the order of the listeners. */
function numbers(backends: readonly StatusBackend[], of: (backend: StatusBackend) => number | null): string {
  const texts = backends.map((backend) => String(of(backend) ?? UNKNOWN));
  if (texts.length === 0) return NONE;
  return new Set(texts).size === 1 ? (texts[0] ?? NONE) : texts.join(',');
}

/** A sum is known only when every part is: a missing count is unknown, never zero. */
function total(backends: readonly StatusBackend[]): string {
  if (backends.length === 0) return NONE;
  let sum = 0;
  for (const { connections } of backends) {
    if (connections === null) return UNKNOWN;
    sum += connections;
  }
  return String(sum);
}

const listener = ({ service, listener: port, health }: StatusBackend): string =>
  `${service}:${port}${health === null || health === 'alive' ? '' : `(${health})`}`;
