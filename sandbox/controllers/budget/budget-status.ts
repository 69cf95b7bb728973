/** A PodDisruptionBudget's status, counted from the pods it selects (Kubernetes: policy/v1). */
import type { KubeObject } from '../../../lib/ports.ts';
import { isReady, isTerminating } from '../controlled-pod.ts';
import { controllerOf } from '../controller-ref.ts';
import type { Condition, Pod } from '../controller-types.ts';

/** How long an eviction that was allowed is reckoned as a disruption before its pod shows that it is going. */
export const EVICTION_MEMORY_MS = 120_000;

export interface DisruptionBudget extends KubeObject {
  spec: { minAvailable?: number | string; maxUnavailable?: number | string; selector?: unknown };
  status?: BudgetStatus;
}

export interface BudgetStatus {
  observedGeneration?: number;
  expectedPods: number;
  currentHealthy: number;
  desiredHealthy: number;
  disruptionsAllowed: number;
  /** Pod name to the time of an eviction that the API server allowed and the pod does not show yet. */
  disruptedPods?: Record<string, string>;
  conditions?: Condition[];
}

export interface BudgetFacts {
  budget: DisruptionBudget;
  /** The pods that the budget selects. */
  pods: readonly Pod[];
  /** Replicas that a pod's controller wants; undefined when it has none that can be asked. */
  wantedBy(pod: Pod): number | undefined;
  nowMs: number;
}

/** The whole status; times of conditions that did not change stay. */
export function budgetStatus({ budget, pods, wantedBy, nowMs }: BudgetFacts): BudgetStatus {
  const disruptedPods = stillDisrupted(budget, pods, nowMs);
  const healthy = pods.filter((pod) => !isTerminating(pod) && isReady(pod) && !(pod.metadata.name in disruptedPods));
  const { expectedPods, desiredHealthy } = wanted(budget, pods, wantedBy);
  const disruptionsAllowed = expectedPods > 0 ? Math.max(0, healthy.length - desiredHealthy) : 0;
  const { generation } = budget.metadata;
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    expectedPods,
    currentHealthy: healthy.length,
    desiredHealthy,
    disruptionsAllowed,
    ...(Object.keys(disruptedPods).length > 0 ? { disruptedPods } : {}),
    conditions: [condition(budget, disruptionsAllowed, nowMs)],
  };
}

// A number of minAvailable is taken of the pods there are; everything else of the replicas their controllers want.
function wanted(budget: DisruptionBudget, pods: readonly Pod[], wantedBy: BudgetFacts['wantedBy']) {
  const { maxUnavailable, minAvailable = 1 } = budget.spec;
  if (maxUnavailable === undefined && typeof minAvailable === 'number')
    return { expectedPods: pods.length, desiredHealthy: minAvailable };
  const expectedPods = expected(pods, wantedBy);
  const desiredHealthy =
    maxUnavailable === undefined
      ? scaled(minAvailable, expectedPods)
      : Math.max(0, expectedPods - scaled(maxUnavailable, expectedPods));
  return { expectedPods, desiredHealthy };
}

// Each controller once, and a pod whose controller cannot be asked as one.
function expected(pods: readonly Pod[], wantedBy: BudgetFacts['wantedBy']): number {
  const replicas = new Map<string, number>();
  for (const pod of pods) {
    const count = wantedBy(pod);
    const key = (count === undefined ? undefined : controllerOf(pod)?.uid) ?? pod.metadata.uid ?? pod.metadata.name;
    replicas.set(key, count ?? 1);
  }
  return [...replicas.values()].reduce((sum, count) => sum + count, 0);
}

// Percentages are rounded up, for minAvailable as for maxUnavailable.
function scaled(value: number | string, total: number): number {
  if (typeof value === 'number') return value;
  const percent = /^(\d+)%$/.exec(value)?.[1];
  return percent === undefined ? 0 : Math.ceil((Number(percent) * total) / 100);
}

function stillDisrupted(budget: DisruptionBudget, pods: readonly Pod[], nowMs: number): Record<string, string> {
  const waiting = new Set(pods.filter((pod) => !isTerminating(pod)).map((pod) => pod.metadata.name));
  const entries = Object.entries(budget.status?.disruptedPods ?? {});
  return Object.fromEntries(
    entries.filter(([name, at]) => waiting.has(name) && Date.parse(at) + EVICTION_MEMORY_MS > nowMs),
  );
}

function condition(budget: DisruptionBudget, disruptionsAllowed: number, nowMs: number): Condition {
  const allowed = disruptionsAllowed > 0;
  const { generation } = budget.metadata;
  const status = allowed ? 'True' : 'False';
  const before = budget.status?.conditions?.find(({ type }) => type === 'DisruptionAllowed');
  const now = new Date(nowMs).toISOString().replace(/\.\d+Z$/, 'Z');
  return {
    type: 'DisruptionAllowed',
    status,
    reason: allowed ? 'SufficientPods' : 'InsufficientPods',
    message: '',
    lastTransitionTime: before?.status === status ? (before.lastTransitionTime ?? now) : now,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  };
}
