/** The story of an upgrade, read back from the events on the StatefulSet and from recordings: who, when, what, on what evidence. */
import type { KubeObject } from '../facts/kube-object.ts';
import { number, oneLine, text } from '../values/read.ts';
import { formatTime, parseTime } from '../values/time.ts';
import type { ChangeCause } from './change-cause.ts';
import type { RecordingLine } from './recording.ts';
import { type ImageChange, parseStepDetails, STEP_DETAILS, type StepDetails } from './step-details.ts';

export interface HistoryEntry {
  /** RFC 3339, UTC. */
  at: string;
  /** `user@host`; '' where an older version did not say. */
  operator: string;
  /** Without our prefix: `Drained`, `Recreating`. */
  step: string;
  message: string;
  /** How often the same was done. */
  count: number;
  details: StepDetails;
}

/** The state in our bookkeeping, beside the events. */
export interface HistoryNow {
  drainSet: readonly number[];
  /** Ordinal to canary weight. */
  canaries: Readonly<Record<string, number>>;
  services: readonly { name: string; weights: string | null; formerWeights: string | null; recorded: boolean }[];
  replicas: number;
  formerReplicas: number | null;
  updateRevision: string;
  formerRevision: string | null;
  updatedPods: number;
  pods: number;
}

/** The subject of the story, as far as it is known. */
export interface StoryAbout {
  /** A context of the kubeconfig, or the server; null: unknown. */
  cluster: string | null;
  images: readonly ImageChange[];
  services: readonly string[];
  balancers: readonly string[];
}

export interface HistoryDetails {
  entries: readonly HistoryEntry[];
  /** Absent: nothing was asked about it. */
  about?: StoryAbout;
  now: HistoryNow | null;
  /** Absent: the cluster was not asked. */
  causes?: readonly ChangeCause[];
  notes: readonly string[];
}

const PREFIX = 'Zeroloss';

/** Our own events on this StatefulSet; those of others, and of a former one of the same name, are left out. */
export function entriesOfEvents(events: readonly KubeObject[], uid: string): HistoryEntry[] {
  return events
    .filter((event) => text(event, 'reason')?.startsWith(PREFIX) === true)
    .filter((event) => text(event, 'involvedObject', 'uid') === uid)
    .map((event) => {
      const details = parseStepDetails(event.metadata.annotations?.[STEP_DETAILS]);
      return {
        at: timeOf(event, details),
        operator: oneLine(text(event, 'reportingInstance') ?? ''),
        step: (text(event, 'reason') ?? '').slice(PREFIX.length),
        message: oneLine(text(event, 'message') ?? ''),
        count: number(event, 'count') ?? 1,
        details,
      };
    });
}

/** The finer time of the details counts within the Event's own second only: an Event that was written again has moved on. */
function timeOf(event: KubeObject, details: StepDetails): string {
  const said = text(event, 'lastTimestamp') ?? text(event, 'eventTime') ?? event.metadata.creationTimestamp ?? '';
  const [atMs, fineMs] = [parseTime(said), parseTime(details.at ?? '')];
  if (secondOf(fineMs) === secondOf(atMs)) return formatTime(fineMs);
  return Number.isFinite(atMs) ? formatTime(atMs) : said;
}

const secondOf = (atMs: number): number => Math.floor(atMs / 1000);

export function entriesOfRecording(lines: readonly RecordingLine[]): HistoryEntry[] {
  return lines.flatMap((line): HistoryEntry[] =>
    line.kind === 'event'
      ? [
          {
            at: line.at,
            operator: line.operator,
            step: line.reason.slice(PREFIX.length),
            message: line.message,
            count: 1,
            details: parseStepDetails(JSON.stringify(line.details)),
          },
        ]
      : [],
  );
}

/** Both together, oldest first; a step that is both in the recording and an Event appears once. Events know whole seconds only. */
export function mergeEntries(a: readonly HistoryEntry[], b: readonly HistoryEntry[]): HistoryEntry[] {
  const key = ({ at, step, message }: HistoryEntry) => `${secondOf(parseTime(at))} ${step} ${message}`;
  const first = new Set(a.map(key));
  return [...a, ...b.filter((entry) => !first.has(key(entry)))].sort((x, y) =>
    x.at < y.at ? -1 : x.at > y.at ? 1 : 0,
  );
}
