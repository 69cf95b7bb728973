/** The pod conditions that a kubelet owns (Kubernetes: pkg/kubelet/status/generate.go). */
import { list, text } from '../../../lib/core/values/read.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import type { Container } from '../container/run-container.ts';
import { incomplete } from './container-order.ts';
import { serves } from './pod-plan.ts';

export interface KubeletCondition {
  type: string;
  status: 'True' | 'False';
  /** null takes an earlier reason away, as a merge patch needs it. */
  reason: string | null;
  message: string | null;
  lastProbeTime: null;
  lastTransitionTime: string;
}

type Verdict = Pick<KubeletCondition, 'type' | 'status' | 'reason' | 'message'>;

const yes = (type: string): Verdict => ({ type, status: 'True', reason: null, message: null });
const no = (type: string, reason: string, message: string | null): Verdict => ({
  type,
  status: 'False',
  reason,
  message,
});

/** `ended`: the pod has been terminated for good. */
export function judgeConditions(
  pod: KubeObject,
  containers: readonly Container[],
  gates: readonly string[],
  ended: boolean,
): Verdict[] {
  const lasting = containers.filter(({ plan }) => serves(plan));
  const unready = lasting.filter((container) => !container.ready).map((container) => container.plan.name);
  const unreadyMessage = `containers with unready status: [${unready.join(' ')}]`;
  const open = incomplete(containers);
  const containersReady = ended
    ? no('ContainersReady', 'PodCompleted', null)
    : unready.length > 0
      ? no('ContainersReady', 'ContainersNotReady', unreadyMessage)
      : yes('ContainersReady');
  return [
    yes('PodReadyToStartContainers'),
    open.length === 0
      ? yes('Initialized')
      : no('Initialized', 'ContainersNotInitialized', `containers with incomplete status: [${open.join(' ')}]`),
    judgeReady(pod, containersReady, gates),
    containersReady,
    yes('PodScheduled'),
  ];
}

function judgeReady(pod: KubeObject, containersReady: Verdict, gates: readonly string[]): Verdict {
  if (containersReady.status === 'False') return { ...containersReady, type: 'Ready' };
  const conditions = list(pod, 'status', 'conditions');
  const unmet = gates.flatMap((gate) => {
    const condition = conditions.find((each) => text(each, 'type') === gate);
    if (condition === undefined) return `corresponding condition of pod readiness gate "${gate}" does not exist.`;
    const status = text(condition, 'status') ?? 'Unknown';
    return status === 'True' ? [] : `the status of pod readiness gate "${gate}" is not "True", but ${status}`;
  });
  return unmet.length === 0 ? yes('Ready') : no('Ready', 'ReadinessGatesNotReady', unmet.join(', '));
}

/** Stamps each verdict: with the former time while its status stays, else with `now`. */
export function stampConditions(
  verdicts: readonly Verdict[],
  former: readonly { type: string; status: string; lastTransitionTime: string }[],
  now: string,
): KubeletCondition[] {
  return verdicts.map((verdict) => {
    const before = former.find((each) => each.type === verdict.type && each.status === verdict.status);
    return { ...verdict, lastProbeTime: null, lastTransitionTime: before?.lastTransitionTime ?? now };
  });
}
