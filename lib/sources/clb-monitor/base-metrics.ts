/** The periods and dimensions that Cloud Monitor keeps, per metric (DescribeBaseMetrics, Cloud Monitor 2018-07-24). */
import {
  type AnswerObject,
  optionalNumber,
  optionalObjects,
  optionalText,
  optionalTexts,
  requiredObjects,
} from '../../clb/calls/cloud-answer.ts';
import type { Cloud } from '../../clb/cloud.ts';
import { BACKEND_DIMENSIONS } from './dimensions.ts';

/** Announced periods in seconds, finest first; or why backends cannot be counted by this metric. */
export type MetricFacts = { periodsSeconds: readonly number[] } | { because: string };

/** Coarser points than this would make any wait too long to be of use. */
const COARSEST_SECONDS = 300;

export async function describeMetric(
  cloud: Cloud,
  namespace: string,
  metric: string,
  options: { region: string; signal?: AbortSignal | undefined },
): Promise<MetricFacts> {
  const answer = await cloud.call(
    'monitor',
    'DescribeBaseMetrics',
    { Namespace: namespace, MetricName: metric },
    options,
  );
  return parseMetric(answer, namespace, metric);
}

/** Throws CloudError when the answer has no list of metrics. */
export function parseMetric(answer: AnswerObject, namespace: string, metric: string): MetricFacts {
  const found = requiredObjects(answer, 'MetricSet', 'DescribeBaseMetrics').find(
    (each) => each['MetricName'] === metric && isOf(each, namespace),
  );
  if (found === undefined) return { because: `Cloud Monitor does not announce ${metric} in ${namespace}` };
  const sets = (optionalObjects(found, 'Dimensions') ?? []).map((set) => optionalTexts(set, 'Dimensions') ?? []);
  if (!sets.some(isBackendSet)) {
    const shown = sets.map((set) => `(${set.join(', ')})`).join(' ') || 'none';
    return {
      because: `Cloud Monitor does not announce ${metric} per backend in ${namespace}; its dimension sets are ${shown}`,
    };
  }
  const periodsSeconds = periodsOf(found).filter((seconds) => seconds <= COARSEST_SECONDS);
  if (periodsSeconds.length === 0) return { because: `Cloud Monitor announces no usable period for ${metric}` };
  return { periodsSeconds };
}

const isOf = (metric: AnswerObject, namespace: string): boolean =>
  (optionalText(metric, 'Namespace') ?? namespace).toLowerCase() === namespace.toLowerCase();

function isBackendSet(names: readonly string[]): boolean {
  return names.length === BACKEND_DIMENSIONS.length && BACKEND_DIMENSIONS.every((name) => names.includes(name));
}

/** `Period` has numbers, `Periods` the same as texts; either may be missing. */
function periodsOf(metric: AnswerObject): readonly number[] {
  const numbers = Array.isArray(metric['Period']) ? metric['Period'] : [];
  const texts = (optionalObjects(metric, 'Periods') ?? []).map(
    (period) => optionalNumber(period, 'Period') ?? optionalText(period, 'Period'),
  );
  const seconds = (numbers.length > 0 ? numbers : texts)
    .map(Number)
    .filter((each) => Number.isInteger(each) && each > 0);
  return [...new Set(seconds)].sort((a, b) => a - b);
}
