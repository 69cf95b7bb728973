/** A wait through a pipe: one line for each change, so that the log of an hour can be read. */
import { UNFILLED } from '../../core/zero/verdict.ts';
import { type ZeroRow, type ZeroView, zeroLine } from '../../core/zero/zero-view.ts';

/** Reports changing counts at most this often. */
const COUNTS_EVERY_MS = 10_000;

interface Told {
  state: string;
  connections: number | null;
  atMs: number;
}

/** A function that answers what is new since it was last called. */
export function createChangeLines(): (view: ZeroView) => string[] {
  const rows = new Map<string, Told>();
  let notes: readonly string[] = [];
  return (view) => {
    const newNotes = view.notes.filter((note) => !notes.includes(note));
    notes = view.notes;
    const changed = view.backends.flatMap((backend) =>
      backend.rows.filter((row) => {
        const key = `${row.pod} ${row.listener} ${row.source}`;
        const before = rows.get(key);
        const now: Told = { state: stateOf(row), connections: row.connections, atMs: view.atMs };
        const isNew =
          before?.state !== now.state ||
          (before.connections !== now.connections && now.atMs - before.atMs >= COUNTS_EVERY_MS);
        if (isNew) rows.set(key, now);
        return isNew;
      }),
    );
    return [...newNotes, ...changed.map(zeroLine)];
  };
}

/** A stability window that fills is no change, from its first reading of zero on. */
const stateOf = ({ verdict, because, filledMs, connections }: ZeroRow): string => {
  if (verdict === 'zero' || connections === null) return `${verdict} ${because}`;
  const isFilling = filledMs > 0 || connections === 0;
  return isFilling && (verdict === 'busy' || because === UNFILLED) ? 'zero' : `${verdict} ${because}`;
};
