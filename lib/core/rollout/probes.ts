/** Probes of the pods, as far as a rolling update rests on them. */
import { type Finding, ok, some, warn } from '../check/findings.ts';
import { advice } from '../values/command.ts';
import { field, list, number, text } from '../values/read.ts';
import { type WorkloadFacts, workloadText } from './workload.ts';

/** `startSeconds`: how long the pods that are there took from the start of their containers to Ready, one number each. */
export function probeFindings(workload: WorkloadFacts, startSeconds: readonly number[]): Finding[] {
  const containers = list(workload.template, 'spec', 'containers');
  const named = (wanted: (container: unknown) => boolean): string[] =>
    containers.filter(wanted).map((container) => text(container, 'name') ?? '');
  const unprobed = named((container) => probeOf(container, 'livenessProbe') === undefined);
  const alike = named(isAlike);
  const findings = [
    unprobed.length === 0
      ? ok('rolling update', 'liveness-probe', 'every container has a livenessProbe')
      : warn(
          'rolling update',
          'liveness-probe',
          `container ${some(unprobed)} has no livenessProbe: one that hangs is not restarted, and stays not ready`,
          advice`add spec.template.spec.containers[].livenessProbe to ${workloadText(workload)}, slower than its readinessProbe`,
        ),
    alike.length === 0
      ? ok(
          'rolling update',
          'probes-differ',
          'no livenessProbe fails as early as the readinessProbe of the same question',
        )
      : warn(
          'rolling update',
          'probes-differ',
          `container ${some(alike)} asks the same in livenessProbe and readinessProbe, and gives up as early: what should only take it out of traffic restarts it, and cuts its connections`,
          advice`give livenessProbe of ${workloadText(workload)} a higher failureThreshold, or a cheaper question`,
        ),
  ];
  return unprobed.length === containers.length
    ? findings
    : [...findings, patienceFinding(workload, containers, startSeconds)];
}

const probeOf = (container: unknown, name: string): unknown => field(container, name) ?? undefined;

/** The request of a probe, without its times. */
const QUESTIONS = ['exec', 'grpc', 'httpGet', 'tcpSocket'] as const;
const questionOf = (probe: unknown): string => JSON.stringify(QUESTIONS.map((kind) => sorted(field(probe, kind))));

/** The order of keys is the server's own. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value ?? null;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, each]) => [key, sorted(each)])
      .toSorted(),
  );
}

/** Kubernetes API, Probe: periodSeconds 10, failureThreshold 3. */
const failsAfterSeconds = (probe: unknown): number =>
  (number(probe, 'periodSeconds') ?? 10) * (number(probe, 'failureThreshold') ?? 3);

function isAlike(container: unknown): boolean {
  const liveness = probeOf(container, 'livenessProbe');
  const readiness = probeOf(container, 'readinessProbe');
  if (liveness === undefined || readiness === undefined) return false;
  return questionOf(liveness) === questionOf(readiness) && failsAfterSeconds(liveness) <= failsAfterSeconds(readiness);
}

/** So many times the start that was seen a livenessProbe should wait for: a busy node starts slower. */
const START_MARGIN = 2;

/** A livenessProbe that gives up before the program has started kills it again and again, on the day when starting is slow. */
function patienceFinding(
  workload: WorkloadFacts,
  containers: readonly unknown[],
  startSeconds: readonly number[],
): Finding {
  const [hastiest] = containers
    .flatMap((container) => {
      const seconds = killedAfterSeconds(container);
      return seconds === undefined ? [] : [{ name: text(container, 'name') ?? '', seconds }];
    })
    .toSorted((a, b) => a.seconds - b.seconds);
  if (hastiest === undefined)
    return ok(
      'rolling update',
      'liveness-patience',
      'a startupProbe holds the livenessProbe back while the program starts',
    );
  const usual = median(startSeconds);
  const restarts = `the livenessProbe of container ${hastiest.name} restarts it ${hastiest.seconds}s after its start if it does not answer yet`;
  if (usual === undefined)
    return warn(
      'rolling update',
      'liveness-patience',
      `${restarts}: whether that is too early is unknown, no pod shows how long it takes to start`,
    );
  const seen = `the pods that are there took ${usual}s to get ready`;
  if (hastiest.seconds >= usual * START_MARGIN)
    return ok('rolling update', 'liveness-patience', `${restarts}; ${seen}`);
  return warn(
    'rolling update',
    'liveness-patience',
    `${restarts}, and ${seen}: a slow start ends in restarts`,
    advice`add a startupProbe to container ${hastiest.name} of ${workloadText(workload)}, or raise initialDelaySeconds of its livenessProbe`,
  );
}

/** Of a program that never answers, from its start; undefined: it has no livenessProbe, or a startupProbe comes before it. */
function killedAfterSeconds(container: unknown): number | undefined {
  const probe = probeOf(container, 'livenessProbe');
  if (probe === undefined || probeOf(container, 'startupProbe') !== undefined) return undefined;
  const between = (number(probe, 'periodSeconds') ?? 10) * ((number(probe, 'failureThreshold') ?? 3) - 1);
  return (number(probe, 'initialDelaySeconds') ?? 0) + between;
}

/** The middle one: a pod that was not ready for a while long after its start counts once only. */
function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}
