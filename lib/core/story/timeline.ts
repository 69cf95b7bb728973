/** The history of each pod, moment by moment: from a recording, or, coarser, from the events alone. */

import { ordinalOf } from '../target/ordinals.ts';
import { parseTime } from '../values/time.ts';
import type { RecordingLine } from './recording.ts';
import type { HistoryEntry } from './story.ts';

/** A value that held from one moment to another. */
export interface Span<T> {
  fromMs: number;
  toMs: number;
  value: T;
}

export type Readiness = 'ready' | 'not ready' | 'gone';

export interface PodTimeline {
  pod: string;
  /** The largest weight that any listener showed; NaN: the weight from before the first drain, which is unknown. */
  weight: readonly Span<number>[];
  /** `former` or `update` where only the events tell; else the revision's name. */
  revision: readonly Span<string>[];
  readiness: readonly Span<Readiness>[];
  /** The largest count of any source at that moment, in order of time; null: unknown. */
  connections: readonly { atMs: number; value: number | null }[];
}

export interface Timeline {
  fromMs: number;
  /** The last moment that is known. */
  lastMs: number;
  /** Where the picture ends: a little later. */
  toMs: number;
  /** That pods were replaced with last; '' when none was. */
  revision: string;
  pods: readonly PodTimeline[];
}

/** Share of the whole time that is drawn after the last moment. */
const AFTERMATH = 0.03;

interface Point<T> {
  atMs: number;
  value: T;
}

/** Undefined when there is nothing to draw. */
export function timelineOf(
  target: string,
  allEntries: readonly HistoryEntry[],
  lines: readonly RecordingLine[],
): Timeline | undefined {
  // An Event whose time is none has no place in a picture; the table shows it.
  const entries = allEntries.filter(({ at }) => Number.isFinite(parseTime(at)));
  const times = [...entries, ...lines].map(({ at }) => parseTime(at)).filter(Number.isFinite);
  if (times.length === 0) return undefined;
  const fromMs = times.reduce((a, b) => Math.min(a, b));
  const lastMs = times.reduce((a, b) => Math.max(a, b));
  // A little further than the last moment, so that what it changed can be seen.
  const toMs = Math.max(fromMs + 1000, lastMs + (lastMs - fromMs) * AFTERMATH);
  const named = lines.flatMap((line) => ('pod' in line ? [line.pod] : []));
  const touchedPods = entries.flatMap((entry) => touched(entry).map((ordinal) => `${target}-${ordinal}`));
  const pods = [...new Set([...named, ...touchedPods])]
    .filter((pod) => ordinalOf(pod, target) !== undefined)
    .sort((a, b) => (ordinalOf(a, target) ?? 0) - (ordinalOf(b, target) ?? 0));
  return {
    fromMs,
    lastMs,
    toMs,
    revision: revisionOf(entries),
    pods: pods.map((pod) => podTimeline(pod, ordinalOf(pod, target) ?? 0, entries, lines, { fromMs, toMs })),
  };
}

/** Where an older version did not write it, `update`, as the pods show it. */
const revisionOf = (entries: readonly HistoryEntry[]): string => {
  const last = entries.findLast(({ step }) => step === 'Recreated' || step === 'Recreating');
  return last === undefined ? '' : (last.details.revision ?? 'update');
};

const touched = ({ details }: HistoryEntry): number[] => [
  ...(details.pods ?? []),
  ...(details.weights ?? []).flatMap(({ ordinals }) => ordinals),
];

function podTimeline(
  pod: string,
  ordinal: number,
  entries: readonly HistoryEntry[],
  lines: readonly RecordingLine[],
  range: { fromMs: number; toMs: number },
): PodTimeline {
  const own = lines.filter((line) => 'pod' in line && line.pod === pod);
  const recordedMs = own.reduce((latest, { at }) => Math.max(latest, parseTime(at)), Number.NEGATIVE_INFINITY);
  // The recording is finer; the events show what came after it, or everything where there is none.
  const events = entries.filter((entry) => touched(entry).includes(ordinal) && parseTime(entry.at) > recordedMs);
  const seen = own.some((line) => line.kind === 'pod');
  const weighed = own.some((line) => line.kind === 'weight');
  // A pod of a surge was not there before it.
  const fromMs = events[0]?.step === 'Surged' ? parseTime(events[0].at) : range.fromMs;
  const readiness = spans(
    seen
      ? [...shownReadiness(own), ...toldReadiness(events, ordinal)]
      : since(toldReadiness(events, ordinal), fromMs, 'ready' as const),
    range.toMs,
  );
  const there = <T>(all: Span<T>[]): Span<T>[] => without(all, readiness);
  const weight = there(
    spans(
      weighed
        ? [...shownWeights(own), ...toldWeights(events, ordinal)]
        : since(toldWeights(events, ordinal), fromMs, Number.NaN),
      range.toMs,
    ),
  );
  const revision = there(
    spans(
      seen
        ? [
            ...own.flatMap((line) => (line.kind === 'pod' ? [{ atMs: parseTime(line.at), value: line.revision }] : [])),
            ...toldRevisions(events, ordinal),
          ]
        : since(toldRevisions(events, ordinal), fromMs, 'former'),
      range.toMs,
    ),
  );
  return { pod, weight, revision, readiness, connections: counts(own) };
}

/** A pod that is gone for good has neither weight nor revision; while it is being replaced its place still has both. */
function without<T>(spans: readonly Span<T>[], readiness: readonly Span<Readiness>[]): Span<T>[] {
  const last = readiness.at(-1);
  if (last?.value !== 'gone') return [...spans];
  return spans
    .filter(({ fromMs }) => fromMs < last.fromMs)
    .map((span) => ({ ...span, toMs: Math.min(span.toMs, last.fromMs) }));
}

/** Of several listeners the largest weight is shown: it is what still sends connections. */
function shownWeights(lines: readonly RecordingLine[]): Point<number>[] {
  const byListener = new Map<string, number>();
  return lines.flatMap((line): Point<number>[] => {
    if (line.kind === 'pod-gone') byListener.clear();
    if (line.kind !== 'weight') return [];
    byListener.set(`${line.balancer} ${line.listener}`, line.weight);
    return [{ atMs: parseTime(line.at), value: Math.max(...byListener.values()) }];
  });
}

/** Events do not contain the former weight: it is no number here. */
function toldWeights(entries: readonly HistoryEntry[], ordinal: number): Point<number>[] {
  return entries.flatMap((entry) =>
    (entry.details.weights ?? [])
      .filter((step) => step.ordinals.includes(ordinal))
      .map((step) => ({ atMs: parseTime(entry.at), value: step.weight ?? Number.NaN })),
  );
}

function toldRevisions(entries: readonly HistoryEntry[], ordinal: number): Point<string>[] {
  return entries
    .filter(({ step, details }) => step === 'Recreated' && details.pods?.includes(ordinal) === true)
    .map(({ at, details }) => ({ atMs: parseTime(at), value: details.revision ?? 'update' }));
}

function shownReadiness(lines: readonly RecordingLine[]): Point<Readiness>[] {
  return lines.flatMap((line): Point<Readiness>[] => {
    if (line.kind === 'pod-gone') return [{ atMs: parseTime(line.at), value: 'gone' }];
    return line.kind === 'pod' ? [{ atMs: parseTime(line.at), value: line.ready ? 'ready' : 'not ready' }] : [];
  });
}

function toldReadiness(entries: readonly HistoryEntry[], ordinal: number): Point<Readiness>[] {
  return entries.flatMap(({ at, step, details }): Point<Readiness>[] => {
    if (details.pods?.includes(ordinal) !== true) return [];
    return [{ atMs: parseTime(at), value: step === 'Recreated' || step === 'Surged' ? 'ready' : 'gone' }];
  });
}

/** The state before the first known change; without a change nothing is drawn. */
const since = <T>(points: readonly Point<T>[], fromMs: number, value: T): Point<T>[] =>
  points.length === 0 || (points[0]?.atMs ?? 0) <= fromMs ? [...points] : [{ atMs: fromMs, value }, ...points];

/** Each value until the next one; equal neighbours are one span. */
function spans<T>(points: readonly Point<T>[], toMs: number): Span<T>[] {
  const joined: Span<T>[] = [];
  for (const { atMs, value } of points) {
    const last = joined.at(-1);
    if (last !== undefined && Object.is(last.value, value)) continue;
    if (last !== undefined) last.toMs = atMs;
    joined.push({ fromMs: atMs, toMs, value });
  }
  return joined;
}

function counts(lines: readonly RecordingLine[]): { atMs: number; value: number | null }[] {
  const byTime = new Map<number, number | null>();
  for (const line of lines) {
    if (line.kind !== 'sample') continue;
    const atMs = parseTime(line.of);
    const before = byTime.get(atMs);
    byTime.set(atMs, line.connections === null ? (before ?? null) : Math.max(line.connections, before ?? 0));
  }
  return [...byTime].sort(([a], [b]) => a - b).map(([atMs, value]) => ({ atMs, value }));
}
