/** `check --measure`: the lag of this very load balancer, compared with preStop. */
import { type Finding, figures, warn } from '../check/findings.ts';
import type { MeasuredLag } from '../lifecycle/measured-lag.ts';
import { preStopOf } from '../lifecycle/pre-stop.ts';
import { advice, own } from '../values/command.ts';
import { formatDuration } from '../values/duration.ts';
import { list } from '../values/read.ts';

interface Measured {
  kind: 'deployment' | 'statefulset';
  name: string;
  /** `spec.template`. */
  template: unknown;
  lag: MeasuredLag;
}

/** So much longer than what was measured a sleep should be: it is one day's lag, of the pods that were seen. */
const MARGIN_SECONDS = 5;

/** WARN where nothing can be measured, and where no preStop is known to cover the longest lag. */
export function lagFinding({ kind, name, template, lag }: Measured): Finding {
  const parts = [told('binding', 'pod', lag.bindingMs), told('weight', 'change', lag.weightMs)].flat();
  if (parts.length === 0) {
    const message = `nothing to measure: no pod shows when its readiness gate was met${kind === 'statefulset' ? ', and no recording holds a change of weight' : ''}`;
    return warn('load balancer', 'measured-lag', message, kind === 'statefulset' ? recordingCure(name) : undefined);
  }
  const longestMs = Math.max(...lag.bindingMs, ...lag.weightMs);
  const hooks = list(template, 'spec', 'containers').map(preStopOf);
  const shortest = Math.min(...hooks.map((hook) => (hook.kind === 'sleep' ? hook.seconds : 0)));
  const wanted = Math.ceil(longestMs / 1000) + MARGIN_SECONDS;
  const measured = parts.join(', ');
  if (shortest * 1000 >= longestMs && shortest > 0)
    return figures('load balancer', 'measured-lag', `${measured}: a preStop of ${shortest}s covers it`);
  const present = hooks.some((hook) => hook.kind === 'unknown')
    ? 'the length of preStop is unknown'
    : shortest === 0
      ? 'not every container sleeps in preStop'
      : `a preStop of ${shortest}s does not cover it`;
  return warn(
    'load balancer',
    'measured-lag',
    `${measured}: ${present}`,
    advice`a preStop of ${wanted}s in every container of ${kind}/${name} covers it`,
  );
}

const recordingCure = (name: string) =>
  advice`to record a change of weight and measure it: ${own('drain', name, '0', '--record', 'FILE')} && ${own('restore', name, '0', '--record', 'FILE')} && ${own('check', name, '--measure', '--from', 'FILE')}`;

/** The longest, of how many. */
function told(what: string, unit: string, tookMs: readonly number[]): string[] {
  if (tookMs.length === 0) return [];
  const many = tookMs.length === 1 ? `1 ${unit}` : `${tookMs.length} ${unit}s`;
  return [`${what} took ${formatDuration(Math.max(...tookMs))} (${many})`];
}
