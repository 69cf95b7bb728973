/** Where a command writes, and how wide that is. */

const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;

/** Where text goes; Node's own streams fit, and so does a test's array. */
export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  /** The text as this stream will write it: an ASCII stream replaces signs. Absent: as it is. */
  readonly plain?: ((text: string) => string) | undefined;
  /** Tells of a reader that has gone (EPIPE). */
  once?(event: 'error', listener: () => void): unknown;
  readonly columns?: number | undefined;
  /** Lines of a terminal. */
  readonly rows?: number | undefined;
}

/** Lines and columns to draw in; some terminals, in containers above all, say 0 for not knowing. */
export function sizeOf({ columns, rows }: OutputStream): { columns: number; rows: number } {
  return { columns: columns || DEFAULT_COLUMNS, rows: rows || DEFAULT_ROWS };
}

/** Columns that a line of a table may take, one less than there are: some terminals break a line that fills the last one. Undefined: no terminal, nothing is cut. */
export const lineWidthOf = (stream: OutputStream): number | undefined =>
  stream.isTTY === true ? sizeOf(stream).columns - 1 : undefined;

/** stdout carries the result alone; progress, warnings, hints and errors go to stderr. */
export interface Streams {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
}

export type Environment = Readonly<Record<string, string | undefined>>;
