/** How the pods of a workload start and end, compared with the pace at which the load balancer notices. */
import type { BalancerState } from '../facts/balancer-state.ts';
import { endLag, type Lag, startLag } from '../lifecycle/lag.ts';
import { graceSecondsOf, type PreStop, preStopOf } from '../lifecycle/pre-stop.ts';
import { type Advice, advice, mergePatch } from '../values/command.ts';
import { field, list, text } from '../values/read.ts';
import type { CheckFacts } from './check-facts.ts';
import { type Finding, ok, some, warn } from './findings.ts';

export interface Lifecycle {
  kind: 'statefulset' | 'deployment';
  name: string;
  /** `spec.template`. */
  template: unknown;
  minReadySeconds: number;
  /** Whether every pod has a readiness gate. */
  gated: boolean;
  /** When a pod ends: `when a pod ends unplanned (node drain, eviction)`. */
  whenEnding: string;
  /** The effect of a change of the template, as the comment of a command. */
  onChange: string;
}

/**
 * Three rules for a StatefulSet: readiness-probe, ready-pace, and termination once for each container that is not covered. This
 * program deletes at zero only and needs none of them; an unplanned end does.
 */
export function lifecycleFindings(
  { set, object, pods, services }: CheckFacts,
  balancers: readonly Pick<BalancerState, 'listeners'>[],
): Finding[] {
  return lifecycleOf(
    {
      kind: 'statefulset',
      name: set.name,
      template: field(object, 'spec', 'template'),
      minReadySeconds: set.minReadySeconds,
      gated: pods.length > 0 && pods.every((pod) => pod.gates.length > 0),
      whenEnding: 'when a pod ends unplanned (node drain, eviction)',
      onChange: 'a new revision: every pod is outdated then',
    },
    { balancers, services },
  );
}

/** The same rules for any workload. */
export function lifecycleOf(
  one: Lifecycle,
  { balancers, services }: { balancers: readonly Pick<BalancerState, 'listeners'>[]; services: CheckFacts['services'] },
): Finding[] {
  const listeners = balancers.flatMap((balancer) => balancer.listeners);
  return [
    readinessFinding(one),
    readyPaceFinding(one, startLag({ listeners })),
    ...terminationFindings(one, endLag({ listeners, services })),
  ];
}

const containersOf = ({ template }: Pick<Lifecycle, 'template'>): readonly unknown[] =>
  list(template, 'spec', 'containers');

const nameOf = (container: unknown): string => text(container, 'name') ?? '';

function readinessFinding(one: Lifecycle): Finding {
  const unprobed = containersOf(one)
    .filter((container) => field(container, 'readinessProbe') === undefined)
    .map(nameOf);
  if (unprobed.length === 0) return ok('workload', 'readiness-probe', 'every container has a readinessProbe');
  return warn(
    'workload',
    'readiness-probe',
    `container ${some(unprobed)} has no readinessProbe: it counts as ready as soon as it runs`,
    advice`add spec.template.spec.containers[].readinessProbe to ${one.kind}/${one.name}`,
  );
}

function readyPaceFinding({ kind, name, minReadySeconds, gated }: Lifecycle, lag: Lag): Finding {
  const pace =
    lag.seconds === 0
      ? `a new backend gets traffic at once (${lag.because})`
      : `a new backend is probed for ${lag.seconds}s before it gets traffic (${lag.because})`;
  if (gated || minReadySeconds >= lag.seconds)
    return ok(
      'workload',
      'ready-pace',
      `${pace}; ${gated ? 'the readiness gate waits for it' : 'minReadySeconds too'}`,
    );
  return warn(
    'workload',
    'ready-pace',
    `${pace}, but pods count as available after ${minReadySeconds}s (minReadySeconds) and not all have a readiness gate`,
    mergePatch([kind, name], { spec: { minReadySeconds: lag.seconds } }),
  );
}

/** A WARN for each container, unless lag ≤ sleep < grace for all of them. */
function terminationFindings(one: Lifecycle, lag: Lag): Finding[] {
  const graceSeconds = graceSecondsOf(one.template);
  const judged = containersOf(one).map((container) => ({
    container: nameOf(container),
    preStop: preStopOf(container),
  }));
  const bad = judged.flatMap(({ container, preStop }) => {
    const message = uncovered({ ...one, container, preStop, graceSeconds, lag });
    if (message === undefined) return [];
    return [warn('workload', 'termination', message, cureOf({ ...one, container, preStop, graceSeconds, lag }))];
  });
  if (bad.length > 0) return bad;
  const shortest = Math.min(...judged.map(({ preStop }) => (preStop.kind === 'sleep' ? preStop.seconds : 0)));
  return [
    ok(
      'workload',
      'termination',
      `preStop sleeps ${shortest}s or more in every container: the load balancer notices in ${lagText(lag)}, and the grace period is ${graceSeconds}s`,
    ),
  ];
}

interface Ending extends Pick<Lifecycle, 'kind' | 'name' | 'whenEnding' | 'onChange'> {
  container: string;
  preStop: PreStop;
  graceSeconds: number;
  lag: Lag;
}

const lagText = ({ seconds, because }: Lag): string => `${seconds}s (${because})`;

/** The fault in the end of one container; undefined: nothing. */
function uncovered({ container, preStop, graceSeconds, lag, whenEnding }: Ending): string | undefined {
  const unnoticed = `the load balancer may take ${lagText(lag)} to notice`;
  switch (preStop.kind) {
    case 'none':
      return `container ${container} has no preStop: ${whenEnding}, it closes its connections before the load balancer notices, which may take ${lagText(lag)}`;
    case 'unknown': {
      const killed = graceSeconds <= lag.seconds ? `, and the grace period is only ${graceSeconds}s` : '';
      return `container ${container} ${preStop.does} in preStop: how long that takes is unknown; ${unnoticed}${killed}`;
    }
    case 'sleep':
      if (preStop.seconds >= graceSeconds)
        return `container ${container} sleeps ${lengthText(preStop.seconds)} in preStop of a terminationGracePeriodSeconds of ${graceSeconds}s: it is killed before it can end by itself`;
      return preStop.seconds < lag.seconds
        ? `container ${container} sleeps only ${preStop.seconds}s in preStop: ${unnoticed}, and new connections come until then`
        : undefined;
  }
}

const lengthText = (seconds: number): string => (Number.isFinite(seconds) ? `${seconds}s` : 'for ever');

/** So much longer than the lag the sleep should be, and than the sleep the grace period. */
const MARGIN_SECONDS = 5;
const END_SECONDS = 30;

function cureOf({ kind, name, container, preStop, graceSeconds, lag, onChange }: Ending): Advice {
  const wanted = Math.ceil(lag.seconds) + MARGIN_SECONDS;
  if (preStop.kind === 'sleep' && preStop.seconds >= wanted && Number.isFinite(preStop.seconds))
    return mergePatch([kind, name], {
      spec: { template: { spec: { terminationGracePeriodSeconds: Math.ceil(preStop.seconds) + END_SECONDS } } },
    }).note(onChange);
  const grace =
    wanted < graceSeconds
      ? `less than its terminationGracePeriodSeconds of ${graceSeconds}`
      : `and raise its terminationGracePeriodSeconds of ${graceSeconds} to ${wanted + END_SECONDS}`;
  return advice`let container ${container} of ${kind}/${name} sleep ${wanted} seconds in lifecycle.preStop, ${grace}`;
}
