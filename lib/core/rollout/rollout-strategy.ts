/** How many pods a rolling update has at most and serves with at least, in this workload's own figures. */
import { type Finding, fail, figures, warn } from '../check/findings.ts';
import { kubectl, mergePatch } from '../values/command.ts';
import { type CountOrPercent, firstStep, rolloutBounds } from '../values/rolling-limits.ts';
import { type WorkloadFacts, workloadText } from './workload.ts';

/** FAIL where no pod serves at some moment of the update: the arithmetic alone loses requests then. */
export function strategyFindings(workload: WorkloadFacts): Finding[] {
  if (workload.replicas === 0) {
    const message = `${workloadText(workload)} has no replicas: there is no pod to replace`;
    return [warn('rolling update', 'rollout-strategy', message)];
  }
  return [...pausedFinding(workload), strategyFinding(workload), ...singleFinding(workload)];
}

function pausedFinding(workload: WorkloadFacts): Finding[] {
  if (!workload.paused) return [];
  const message = `${workloadText(workload)} is paused: a change of its template replaces no pod until it is resumed`;
  const cure = kubectl('rollout', 'resume', workload.kind, workload.name);
  return [warn('rolling update', 'rollout-paused', message, cure)];
}

function strategyFinding(workload: WorkloadFacts): Finding {
  const { replicas, strategy, rolling, partition } = workload;
  if (strategy !== 'RollingUpdate') {
    const message = `strategy ${strategy}: all ${replicas} pods end before the first new one starts, and nothing serves until it is ready`;
    return fail('rolling update', 'rollout-strategy', message, rollingCure(workload));
  }
  const { most, fewest } = rolloutBounds(rolling, replicas);
  const limits = `${replicas} replicas, ${limitsText(workload)}: at most ${most}, at least ${fewest} serve; ${stepText(workload)}${
    partition > 0 ? `; pods below ordinal ${partition} are not updated (partition)` : ''
  }`;
  if (fewest > 0) return figures('rolling update', 'rollout-strategy', limits);
  return fail(
    'rolling update',
    'rollout-strategy',
    `${limits}: there may be a moment when nothing serves`,
    rollingCure(workload),
  );
}

/** A StatefulSet has no surge: with one replica nothing but a second one helps. */
function rollingCure({ kind, name }: WorkloadFacts) {
  if (kind === 'statefulset') return kubectl('scale', kind, name, '--replicas', '2').note('a StatefulSet has no surge');
  const rollingUpdate = { maxSurge: 1, maxUnavailable: 0 };
  return mergePatch([kind, name], { spec: { strategy: { type: 'RollingUpdate', rollingUpdate } } });
}

function singleFinding(workload: WorkloadFacts): Finding[] {
  if (workload.replicas > 1) return [];
  const message = `${workloadText(workload)} has 1 replica: its node, or an eviction, takes all of it at once, whatever the strategy`;
  return [
    warn(
      'rolling update',
      'single-replica',
      message,
      kubectl('scale', workload.kind, workload.name, '--replicas', '2'),
    ),
  ];
}

function limitsText({ kind, rolling }: WorkloadFacts): string {
  const unavailable = `maxUnavailable ${shareText(rolling.maxUnavailable)}`;
  return kind === 'deployment' ? `maxSurge ${shareText(rolling.maxSurge)}, ${unavailable}` : unavailable;
}

const shareText = (value: CountOrPercent | undefined): string =>
  value === undefined ? '25% (the default)' : String(value);

function stepText({ kind, rolling, replicas }: WorkloadFacts): string {
  if (kind === 'statefulset')
    return `the pods go from the highest ordinal down, ${firstStep(rolling, replicas).stop} at a time`;
  const { start, stop } = firstStep(rolling, replicas);
  if (stop === 0) return `the first step stops none until one of ${start} new is available`;
  return start === 0
    ? `the first step stops ${stop} before any starts`
    : `the first step may stop ${stop} while ${start} start`;
}
