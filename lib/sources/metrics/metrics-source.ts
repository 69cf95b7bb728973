/** The source `metrics` as verbs choose it, and its flags: one gauge of the pod, read through the API server. */

import { type Flag, invalidFlag, scalarFlag, textFlag, wholeFlag } from '../../cli/flag.ts';
import { defineSource } from '../define-source.ts';
import { type MetricSelector, parseMetricSelector } from './selector.ts';

const metricFlag: Flag<MetricSelector | undefined> = scalarFlag<MetricSelector | undefined>({
  shown: "''",
  help: 'For source metrics: the gauge of the pods that counts their connections, as NAME or NAME{label="value"}. Matching series are added up.',
  absent: undefined,
  parse: parseMetricSelector,
});

const DEFAULT_PATH = '/metrics';

const portFlag = wholeFlag<undefined>({
  shown: '0',
  help: 'For source metrics: the port of the pods that serves their metrics. By default the one that the load balancer sends to.',
  least: 1,
  absent: undefined,
});

export const metricsSource = defineSource({
  name: 'metrics',
  forGlances: false,
  countsInside: false,
  flags: {
    metric: metricFlag,
    metricsPort: {
      ...portFlag,
      read(texts, name) {
        const port = portFlag.read(texts, name);
        if (port !== undefined && port > 65_535) throw invalidFlag(String(port), name, 'must be a port, 1 to 65535');
        return port;
      },
    } satisfies Flag<number | undefined>,
    metricsPath: textFlag({
      help: 'For source metrics: the path under which the pods serve their metrics. By default /metrics.',
    }),
  },
  countsBy: ({ metric, metricsPort, metricsPath }) =>
    [metric?.text, metricsPort, metricsPath ?? DEFAULT_PATH].filter((part) => part !== undefined).join(' '),
  asked: ({ metric }) => metric !== undefined,
  create: async ({ kube, clock, warn }, { metric, metricsPort, metricsPath }) =>
    (await import('./count-metrics.ts')).createMetrics({
      kube,
      clock,
      warn,
      selector: metric,
      port: metricsPort,
      path: metricsPath ?? DEFAULT_PATH,
    }),
});
