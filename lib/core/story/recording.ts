/**
 * The recording of a command: its output, what it read and wrote, and its result, as JSON lines that `--record` appends and `history --from` reads.
 * Every run begins with a `begin` line that names the format; lines of a kind that is not known are passed over.
 */
import { UsageError } from '../errors.ts';
import { text } from '../values/read.ts';
import { isKnownKind, problemOfLine } from './recording-line.ts';
import type { StepDetails } from './step-details.ts';

/** More bad lines than these are counted, and not named. */
const NAMED_LINES = 5;

export const RECORDING_FORMAT = 'zeroloss-record/v1';

/** `at` is RFC 3339 in UTC. */
export type RecordingLine = { at: string } & (
  | {
      kind: 'begin';
      format: string;
      verb: string;
      target: { namespace: string; name: string };
      operator: string;
      cluster?: string;
    }
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
      /** The moments of the pod's conditions, where it has a readiness gate and both are met. */
      containersReadyAt?: string;
      gateReadyAt?: string;
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

export interface ParsedRecording {
  lines: readonly RecordingLine[];
  /** The parts that could not be read, for people. */
  notes: readonly string[];
}

/** Throws UsageError for a text that is no recording, or one of a later format. A line that was cut off, and one with a field of another shape, is left out and noted. */
export function parseRecording(source: string, file: string): ParsedRecording {
  const texts = source.split('\n').filter((line) => line.trim() !== '');
  const values = texts.map(parseLine);
  const first = values[0];
  if (text(first, 'kind') !== 'begin' || text(first, 'format') !== RECORDING_FORMAT) {
    const format = text(first, 'format');
    throw new UsageError(
      format === undefined
        ? `${file} is not a recording of this program`
        : `${file} has the format ${JSON.stringify(format)}, which this version cannot read`,
      `accepted: a file that --record wrote (format ${RECORDING_FORMAT})`,
    );
  }
  const broken = values.filter((value) => value === undefined).length;
  const bad = values.flatMap((value, index) => {
    const problem = value === undefined ? undefined : problemOfLine(value);
    return problem === undefined ? [] : [`line ${index + 1} of ${file} is skipped: ${problem}`];
  });
  return {
    lines: values.filter(
      (value): value is RecordingLine =>
        value !== undefined && isKnownKind(value) && problemOfLine(value) === undefined,
    ),
    notes: [
      ...(broken === 0
        ? []
        : [`${broken} line${broken === 1 ? '' : 's'} of ${file} cannot be read: a command was stopped while writing`]),
      ...bad.slice(0, NAMED_LINES),
      ...(bad.length > NAMED_LINES ? [`${bad.length - NAMED_LINES} more lines of ${file} are skipped`] : []),
    ],
  };
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
