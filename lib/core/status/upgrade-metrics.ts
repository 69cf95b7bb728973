/** How far a verb is, in Prometheus' text format, for the textfile collector of a node exporter. Pure. */
import type { Facts } from '../facts/facts.ts';
import { isOutdated, notReadyBecause, podAt } from '../target/pod.ts';
import { regularOrdinals } from '../target/surplus.ts';

export const VERB_STATES = ['running', 'asking', 'done', 'stopped'] as const;
export type VerbState = (typeof VERB_STATES)[number];

export interface VerbProgress {
  verb: string;
  namespace: string;
  statefulSet: string;
  state: VerbState;
  /** Replicas without a surplus; undefined: not read yet. */
  pods?: number;
  /** Updated, ready and not drained. */
  done?: number;
  /** Drained, missing, going or not ready. */
  outOfService?: number;
  /** Of the pods that are drained now, in seconds since this run first saw one so; 0: none is. */
  longestWaitSeconds: number;
  /** Of the last step, in seconds since 1970; undefined: none yet. */
  lastStepSeconds?: number;
  /** Once it has ended. */
  exitCode?: number;
}

/** Counts over the pods that stay: a surplus is capacity, and no work. */
export function podsOf({ set, pods, drainSet }: Facts): Required<Pick<VerbProgress, 'pods' | 'done' | 'outOfService'>> {
  const regular = regularOrdinals(set);
  const serving = regular.filter((ordinal) => {
    const pod = podAt(pods, ordinal);
    return pod !== undefined && !pod.terminating && notReadyBecause(pod) === undefined && !drainSet.includes(ordinal);
  });
  const updated = new Set(pods.filter((pod) => !isOutdated(pod, set)).map((pod) => pod.ordinal));
  return {
    pods: regular.length,
    done: serving.filter((ordinal) => updated.has(ordinal)).length,
    outOfService: regular.length - serving.length,
  };
}

/** The first line of every such text, by which a file of this program is known. */
export const METRICS_START = '# HELP kubectl_zeroloss_state ';

/** Text exposition format 0.0.4; a metric that is not known is left out. */
export function renderMetrics(progress: VerbProgress): string {
  const { verb, namespace, statefulSet } = progress;
  const labels = Object.entries({ namespace, statefulset: statefulSet, verb })
    .map(([name, value]) => `${name}="${value.replaceAll(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`)
    .join(',');
  const gauge = (name: string, help: string, value: number | undefined): string[] =>
    value === undefined
      ? []
      : [
          `# HELP kubectl_zeroloss_${name} ${help}`,
          `# TYPE kubectl_zeroloss_${name} gauge`,
          `kubectl_zeroloss_${name}{${labels}} ${value}`,
        ];
  const lines = [
    `${METRICS_START}What the verb does now: 1 for one state, 0 for the others.`,
    '# TYPE kubectl_zeroloss_state gauge',
    ...VERB_STATES.map(
      (state) => `kubectl_zeroloss_state{${labels},state="${state}"} ${state === progress.state ? 1 : 0}`,
    ),
    ...gauge('pods', 'Pods of the StatefulSet, without a surplus.', progress.pods),
    ...gauge('pods_done', 'Pods that are updated, ready and not drained.', progress.done),
    ...gauge('pods_out_of_service', 'Pods that are drained, missing, going or not ready.', progress.outOfService),
    ...gauge('longest_wait_seconds', 'How long the longest drained pod has been so.', progress.longestWaitSeconds),
    ...gauge('last_step_timestamp_seconds', 'When the last step was done, since 1970.', progress.lastStepSeconds),
    ...gauge('exit_code', 'How the verb has ended.', progress.exitCode),
  ];
  return `${lines.join('\n')}\n`;
}
