/** Answers that are well-formed, and wrong: what `faults.ts` asks for, applied to a copy of the true answer. */
import { type ApiAnswer, isRecord } from '../call.ts';
import type { ActiveFault } from '../cloud-faults.ts';

/** The facts of the moment that distortions need. */
export interface Moment {
  action: string;
  nowMs: number;
  /** Finest announced period of connection counts. */
  periodSeconds: number;
  /** The answer that was given to the same question before, or this one when it is the first. */
  earlier: () => ApiAnswer;
}

/** Applies every fault in the order in which they were asked for. */
export function distort(answer: ApiAnswer, faults: readonly ActiveFault[], moment: Moment): ApiAnswer {
  return faults.reduce((result, fault) => applyFault(result, fault, moment), structuredClone(answer));
}

function applyFault(answer: ApiAnswer, fault: ActiveFault, moment: Moment): ApiAnswer {
  const { kind } = fault;
  const isMonitorData = moment.action === 'GetMonitorData';
  if (kind === 'stale' && !isMonitorData) return structuredClone(moment.earlier());
  if (kind === 'null-fields') {
    for (const value of Object.values(answer)) nullLists(value, fault.fields);
    return answer;
  }
  if (kind === 'wrong-weight') {
    if (moment.action === 'DescribeTargets' || moment.action === 'DescribeTargetHealth')
      setWeights(answer, fault.weight ?? 10, fault.address);
    return answer;
  }
  if (kind === 'no-backend-dimensions' && moment.action === 'DescribeBaseMetrics') return withoutBackendSets(answer);
  return isMonitorData ? distortSeries(answer, fault, moment) : answer;
}

function distortSeries(answer: ApiAnswer, fault: ActiveFault, { nowMs, periodSeconds }: Moment): ApiAnswer {
  const period = Number(answer['Period'] ?? periodSeconds);
  const endOf = (timestamp: number): number => (timestamp + period) * 1000;
  const keep = (predicate: (timestamp: number) => boolean): ApiAnswer => keepPoints(answer, predicate);
  if (fault.kind === 'empty-series') return fault.omit ? { ...answer, DataPoints: [] } : keep(() => false);
  if (fault.kind === 'no-backend-dimensions') return keep(() => false);
  if (fault.kind === 'late-points') return keep((timestamp) => endOf(timestamp) <= nowMs - (fault.delayMs ?? 300_000));
  if (fault.kind === 'stale') return keep((timestamp) => endOf(timestamp) <= fault.askedAtMs);
  if (fault.kind === 'missing-point') {
    const fromMs = Math.floor((fault.sinceMs ?? fault.askedAtMs) / 1000 / period) * period * 1000;
    const toMs = fromMs + (fault.gapSeconds ?? period) * 1000;
    return keep((timestamp) => timestamp * 1000 < fromMs || timestamp * 1000 >= toMs);
  }
  if (fault.kind === 'never-zero' && answer['MetricName'] === 'ConNum') {
    for (const series of seriesIn(answer)) {
      series['Values'] = numbers(series['Values']).map((value) => Math.max(value, fault.floor ?? 1));
    }
  }
  return answer;
}

function keepPoints(answer: ApiAnswer, predicate: (timestamp: number) => boolean): ApiAnswer {
  for (const series of seriesIn(answer)) {
    const kept = numbers(series['Timestamps']).map(predicate);
    for (const field of ['Timestamps', 'Values', 'AvgValues', 'MaxValues', 'MinValues']) {
      if (Array.isArray(series[field])) series[field] = numbers(series[field]).filter((_, index) => kept[index]);
    }
  }
  return answer;
}

const numbers = (value: unknown): number[] => (Array.isArray(value) ? value : []);
const recordsIn = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.filter(isRecord) : []);
const seriesIn = (answer: ApiAnswer): Record<string, unknown>[] => recordsIn(answer['DataPoints']);

function nullLists(value: unknown, fields: readonly string[] | undefined): void {
  if (Array.isArray(value)) for (const item of value) nullLists(item, fields);
  if (!isRecord(value)) return;
  for (const [name, inner] of Object.entries(value)) {
    const chosen = fields === undefined ? Array.isArray(inner) : fields.includes(name);
    if (chosen) value[name] = null;
    else nullLists(inner, fields);
  }
}

function setWeights(value: unknown, weight: number, address: string | undefined): void {
  if (Array.isArray(value)) for (const item of value) setWeights(item, weight, address);
  if (!isRecord(value)) return;
  if ('Weight' in value) {
    const own = Array.isArray(value['PrivateIpAddresses']) ? value['PrivateIpAddresses'] : [value['IP']];
    if (address === undefined || own.includes(address)) value['Weight'] = weight;
  }
  for (const inner of Object.values(value)) setWeights(inner, weight, address);
}

function withoutBackendSets(answer: ApiAnswer): ApiAnswer {
  for (const metric of recordsIn(answer['MetricSet'])) {
    metric['Dimensions'] = recordsIn(metric['Dimensions']).filter(
      ({ Dimensions }) => !(Array.isArray(Dimensions) && Dimensions.includes('lanIp')),
    );
  }
  return answer;
}
