/**
 * The series of one metric in a Prometheus text (exposition format 0.0.4).
 * Law: a text that is cut off, or that the parser did not understand wholly, is an error; a metric that is absent has no series.
 */
import { ConnectionError } from '../../core/errors.ts';
import type { MetricSelector } from './selector.ts';

export interface MetricSeries {
  /** The labels as one text, the same for the same labels in any order. */
  key: string;
  /** null: NaN, an infinity or a negative number, which is no count. */
  value: number | null;
  /** When the program says the value is from, ms; undefined: from now. */
  atMs: number | undefined;
}

export interface MetricFamily {
  /** GAUGE, COUNTER, UNTYPED, HISTOGRAM, SUMMARY; undefined: the metric is absent. */
  type: string | undefined;
  /** Those whose labels match. */
  series: readonly MetricSeries[];
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const NO_COUNT = /^[+-]?(?:nan|inf|infinity)$/i;

/** Throws ConnectionError when the text cannot be understood. */
export async function readMetric(text: string, selector: MetricSelector): Promise<MetricFamily> {
  // The parser loses the last line of a text that has no line end; so does who cuts a text off.
  if (!text.endsWith('\n')) throw malformed(text === '' ? 'it is empty' : 'its last line is cut off');
  if (text.split('\n').some((line) => line.trimStart().startsWith('{') && line.includes(`"${selector.name}"`)))
    throw malformed(`it gives ${selector.name} in quotes, which is another format`);
  const families = (await parse(text)).filter(({ name }) => name === selector.name);
  const samples = families.flatMap(({ metrics }) => metrics);
  // The parser folds neighbours with the same labels into one, and takes the last one's word.
  const lines = text.split('\n').filter((line) => isSampleOf(line, selector.name)).length;
  const types = [...new Set(families.map(({ type }) => type))];
  const [type] = types;
  if (types.length > 1) throw malformed(`it gives ${selector.name} several types`);
  if (type === 'HISTOGRAM' || type === 'SUMMARY') return { type, series: [] };
  if (samples.length !== lines)
    throw malformed(`it has ${lines} lines of ${selector.name}, of which ${samples.length} are different series`);
  return { type, series: samples.filter((sample) => matches(sample.labels ?? {}, selector)).map(toSeries) };
}

interface Sample {
  value?: string;
  labels?: Readonly<Record<string, string>>;
  timestamp_ms?: string;
}

async function parse(text: string): Promise<readonly { name: string; type: string; metrics: readonly Sample[] }[]> {
  const { default: parsePrometheusTextFormat } = await import('parse-prometheus-text-format');
  try {
    return parsePrometheusTextFormat(text.split('\n').map(withoutBlanks).join('\n'));
  } catch (error) {
    throw malformed(error instanceof Error ? error.message : String(error));
  }
}

/** The format allows blanks between labels; the parser (1.1.1) refuses them after a comma, and the whole text with them. */
const withoutBlanks = (line: string): string =>
  line.trimStart().startsWith('#')
    ? line
    : line.replace(/("(?:[^"\\]|\\.)*")|,[ \t]+/g, (_, quoted: string | undefined) => quoted ?? ',');

const isSampleOf = (line: string, name: string): boolean =>
  line.trim().startsWith(name) && /^(?:[{ \t]|$)/.test(line.trim().slice(name.length));

const matches = (labels: Readonly<Record<string, string>>, selector: MetricSelector): boolean =>
  Object.entries(selector.labels).every(([label, value]) => (labels[label] ?? '') === value);

function toSeries({ value = '', labels = {}, timestamp_ms: stamp }: Sample): MetricSeries {
  const key = JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
  if (!NUMBER.test(value) && !NO_COUNT.test(value)) throw malformed(`it gives ${JSON.stringify(value)} as a value`);
  const count = Number(value);
  const atMs = stamp === undefined ? undefined : Number(stamp);
  if (Number.isNaN(atMs)) throw malformed(`it gives ${JSON.stringify(stamp)} as a time`);
  return { key, value: Number.isFinite(count) && count >= 0 ? count : null, atMs };
}

const malformed = (why: string): ConnectionError =>
  new ConnectionError(`the metrics of the pod cannot be read: ${why}`, {
    hint: 'the endpoint must answer in the Prometheus text format; nothing was concluded from it',
    retryable: true,
  });
