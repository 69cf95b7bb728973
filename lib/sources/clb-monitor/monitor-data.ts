/** Reads many series of one metric in as few calls as the limits allow (GetMonitorData, Cloud Monitor 2018-07-24). */
import {
  type AnswerObject,
  malformed,
  mustRepeat,
  optionalObjects,
  optionalText,
  requiredObjects,
} from '../../clb/calls/cloud-answer.ts';
import type { Cloud } from '../../clb/cloud.ts';
import { type Dimension, dimensionKey } from './dimensions.ts';

/** The older of two documented limits; what works under it works everywhere. */
const INSTANCES_PER_CALL = 10;
const ACTION = 'GetMonitorData';
/** 1,440 points per call in the same text, shared by the instances. */
const SLOTS_PER_CALL = 1440 / INSTANCES_PER_CALL;

export interface DataRequest {
  namespace: string;
  metric: string;
  region: string;
  periodSeconds: number;
  /** Unix milliseconds; both ends are included. */
  fromMs: number;
  toMs: number;
  series: readonly (readonly Dimension[])[];
}

/** Unix seconds to value; null where the cloud gave a value that is no count. A series it says nothing of has no entry. */
export type Readings = ReadonlyMap<string, ReadonlyMap<number, number | null>>;

/** By dimensionKey. Throws CloudError when an answer contradicts the request; it never fills in a number. */
export async function readMonitorData(
  cloud: Cloud,
  request: DataRequest,
  signal: AbortSignal | undefined,
): Promise<Readings> {
  const readings = new Map<string, Map<number, number | null>>();
  const calls = batches(request.series, INSTANCES_PER_CALL).flatMap((batch) =>
    spans(request).map(async ([fromMs, toMs]) => {
      const answer = await cloud.call(
        'monitor',
        ACTION,
        {
          Namespace: request.namespace,
          MetricName: request.metric,
          Period: request.periodSeconds,
          StartTime: cloudTime(fromMs),
          EndTime: cloudTime(toMs),
          Instances: batch.map((dimensions) => ({ Dimensions: [...dimensions] })),
        },
        { region: request.region, signal },
      );
      mergeAnswer(readings, answer, { ...request, fromMs, toMs, series: batch });
    }),
  );
  await Promise.all(calls);
  return readings;
}

const batches = <T>(items: readonly T[], size: number): (readonly T[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));

function spans({ fromMs, toMs, periodSeconds }: DataRequest): (readonly [number, number])[] {
  // Both ends are included, and a span begins where the one before it ended.
  const spanMs = (SLOTS_PER_CALL - 1) * periodSeconds * 1000;
  const count = Math.max(1, Math.ceil((toMs - fromMs) / spanMs));
  return Array.from({ length: count }, (_, index) => {
    const begin = fromMs + index * spanMs;
    return [begin, Math.min(begin + spanMs, toMs)] as const;
  });
}

/** RFC 3339 with the offset that all of the cloud's own examples have. */
function cloudTime(atMs: number): string {
  const local = new Date(atMs + 8 * 3_600_000).toISOString();
  return `${local.slice(0, 19)}+08:00`;
}

function mergeAnswer(
  readings: Map<string, Map<number, number | null>>,
  answer: AnswerObject,
  request: DataRequest,
): void {
  mustRepeat(answer, 'Namespace', request.namespace, ACTION);
  mustRepeat(answer, 'MetricName', request.metric, ACTION);
  mustRepeat(answer, 'Period', request.periodSeconds, ACTION);
  mustRepeatTime(answer, 'StartTime', request.fromMs, request);
  mustRepeatTime(answer, 'EndTime', request.toMs, request);
  const asked = new Set(request.series.map(dimensionKey));
  for (const point of requiredObjects(answer, 'DataPoints', ACTION)) {
    const key = keyOf(point);
    const timestamps = listOf(point, 'Timestamps');
    if (!asked.has(key) && timestamps.length > 0)
      throw malformed(`${ACTION} answered for a series that was not asked for (${key})`);
    const values = listOf(point, 'Values');
    if (timestamps.length !== values.length) {
      throw malformed(`${ACTION} has ${timestamps.length} timestamps and ${values.length} values`);
    }
    const series = readings.get(key) ?? new Map<number, number | null>();
    readings.set(key, series);
    timestamps.forEach((timestamp, index) => {
      if (typeof timestamp !== 'number' || !Number.isFinite(timestamp)) throw malformed('a timestamp is no number');
      series.set(timestamp, worse(series.get(timestamp), countOf(values[index])));
    });
  }
}

/** The cloud's times without an offset are those of China (UTC+8). */
const zoned = (text: string): string => (/(?:Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text.replace(' ', 'T')}+08:00`);

/** The cloud may move an end to the period that it lies in. */
function mustRepeatTime(
  answer: AnswerObject,
  key: 'StartTime' | 'EndTime',
  askedMs: number,
  { periodSeconds }: DataRequest,
): void {
  const said = optionalText(answer, key);
  const saidMs = said === undefined ? askedMs : Date.parse(zoned(said));
  if (Math.abs(saidMs - askedMs) <= Math.max(60, periodSeconds) * 1000) return;
  throw malformed(`${ACTION} was asked for ${key} ${cloudTime(askedMs)} and answered for ${JSON.stringify(said)}`);
}

const keyOf = (point: AnswerObject): string =>
  dimensionKey(
    (optionalObjects(point, 'Dimensions') ?? []).map((dimension) => ({
      Name: optionalText(dimension, 'Name') ?? '',
      Value: optionalText(dimension, 'Value') ?? '',
    })),
  );

/** Null and absent mean "no points", which is an answer; anything else that is no list is not. */
function listOf(point: AnswerObject, key: string): readonly unknown[] {
  const value = point[key];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw malformed(`${key} is not a list`);
  return value;
}

const countOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;

/** Of two readings of one moment the one that proves less: unknown before busy before idle. */
function worse(before: number | null | undefined, now: number | null): number | null {
  if (before === undefined) return now;
  return before === null || now === null ? null : Math.max(before, now);
}
