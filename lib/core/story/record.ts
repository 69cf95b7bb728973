/**
 * The record of a command: what it said, read, wrote and came to, as JSON lines that `--record` appends and `history --from` reads.
 * Every run begins with a `begin` line that names the format; lines of a kind that is not known are passed over.
 */
import { UsageError } from '../errors.ts';
import { field, number, text } from '../values/read.ts';
import type { StepDetails } from './step-details.ts';

export const RECORD_FORMAT = 'zeroloss-record/v1';

/** `at` is RFC 3339 in UTC. */
export type RecordLine = { at: string } & (
  | { kind: 'begin'; format: string; verb: string; target: { namespace: string; name: string }; operator: string }
  | { kind: 'progress' | 'warning'; line: string }
  | {
      kind: 'pod';
      pod: string;
      uid: string;
      revision: string;
      ready: boolean;
      phase: string;
      restarts: number;
      address: string;
    }
  | { kind: 'pod-gone'; pod: string }
  | { kind: 'weight'; pod: string; balancer: string; listener: string; weight: number; health: string }
  | {
      kind: 'sample';
      pod: string;
      source: string;
      listener: string;
      /** The time that the source gives the count for. */
      of: string;
      connections: number | null;
    }
  | { kind: 'write'; call: string; object: string; body: unknown; dryRun: boolean; error?: string }
  | { kind: 'event'; reason: string; message: string; operator: string; details: StepDetails }
  | { kind: 'outcome'; verb: string; exitCode: number; changed: boolean; message: string }
);

export interface ParsedRecord {
  lines: readonly RecordLine[];
  /** What could not be read, for people. */
  notes: readonly string[];
}

/** Throws UsageError for a text that is no record, or one of a format to come. A last line that was cut off is noted. */
export function parseRecord(source: string, file: string): ParsedRecord {
  const texts = source.split('\n').filter((line) => line.trim() !== '');
  const values = texts.map(parseLine);
  const first = values[0];
  if (text(first, 'kind') !== 'begin' || text(first, 'format') !== RECORD_FORMAT) {
    const format = text(first, 'format');
    throw new UsageError(
      format === undefined
        ? `${file} is not a record of this program`
        : `${file} has the format ${JSON.stringify(format)}, which this version cannot read`,
      `accepted: a file that --record wrote (format ${RECORD_FORMAT})`,
    );
  }
  const broken = values.filter((value) => value === undefined).length;
  return {
    lines: values.filter((value): value is RecordLine => text(value, 'kind') !== undefined && hasTime(value)),
    notes:
      broken === 0
        ? []
        : [`${broken} line${broken === 1 ? '' : 's'} of ${file} cannot be read: a command was stopped while writing`],
  };
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const hasTime = (value: unknown): boolean =>
  number(value, 'at') === undefined && typeof field(value, 'at') === 'string';
