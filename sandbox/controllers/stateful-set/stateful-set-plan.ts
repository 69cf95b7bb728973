/**
 * The next step of a StatefulSet controller, as data. OrderedReady does one thing at a time and waits for
 * every earlier pod; Parallel creates and removes at once. Updates go one by one in both, highest ordinal first.
 */

import { isFinished, isTerminating, revisionOf, untilAvailableMs } from '../controlled-pod.ts';
import type { ControllerRevision, Pod, StatefulSet } from '../controller-types.ts';
import { ordinalOf, statefulPod } from './stateful-pod.ts';

export type StatefulSetAction =
  | { kind: 'create'; pod: Pod }
  | { kind: 'delete'; pod: Pod; because: 'finished' | 'scale-down' | 'update' };

export interface SetFacts {
  set: StatefulSet;
  /** Every pod that the StatefulSet controls. */
  pods: readonly Pod[];
  current: ControllerRevision;
  update: ControllerRevision;
  nowMs: number;
}

export interface StatefulSetPlan {
  actions: StatefulSetAction[];
  /** Time alone (minReadySeconds) will call for a new plan after this long. */
  recheckAfterMs: number | undefined;
}

export function planStatefulSet(facts: SetFacts): StatefulSetPlan {
  const { set, nowMs } = facts;
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  const waits = facts.pods
    .map((pod) => untilAvailableMs(pod, minReadySeconds, nowMs))
    .filter((ms) => ms > 0 && Number.isFinite(ms));
  return { actions: planActions(facts), recheckAfterMs: waits.length > 0 ? Math.min(...waits) : undefined };
}

function planActions(facts: SetFacts): StatefulSetAction[] {
  const { set, pods, update } = facts;
  const ordered = (set.spec.podManagementPolicy ?? 'OrderedReady') === 'OrderedReady';
  const start = set.spec.ordinals?.start ?? 0;
  const wanted = Array.from({ length: set.spec.replicas ?? 1 }, (_, index) => start + index);
  const byOrdinal = new Map(pods.map((pod) => [ordinalOf(set, pod.metadata.name), pod]));
  const healthy = (pod: Pod | undefined): boolean =>
    pod !== undefined && !isTerminating(pod) && untilAvailableMs(pod, set.spec.minReadySeconds ?? 0, facts.nowMs) === 0;

  const actions: StatefulSetAction[] = [];
  for (const ordinal of wanted) {
    const pod = byOrdinal.get(ordinal);
    if (pod === undefined)
      actions.push({ kind: 'create', pod: statefulPod(set, revisionFor(facts, ordinal), ordinal) });
    else if (isFinished(pod) && !isTerminating(pod)) actions.push({ kind: 'delete', pod, because: 'finished' });
    if (ordered && (actions.length > 0 || !healthy(pod))) return actions;
  }

  const condemned = [...byOrdinal.entries()]
    .filter(([ordinal]) => ordinal !== undefined && !wanted.includes(ordinal))
    .toSorted(([a = 0], [b = 0]) => b - a)
    .map(([, pod]) => pod);
  for (const pod of condemned) {
    if (!isTerminating(pod)) actions.push({ kind: 'delete', pod, because: 'scale-down' });
    if (ordered) return actions;
  }

  if (actions.length > 0 || set.spec.updateStrategy?.type === 'OnDelete') return actions;
  const partition = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  for (const ordinal of wanted.slice(partition).toReversed()) {
    const pod = byOrdinal.get(ordinal);
    if (pod && !isTerminating(pod) && revisionOf(pod) !== update.metadata.name)
      return [{ kind: 'delete', pod, because: 'update' }];
    if (!healthy(pod)) return [];
  }
  return [];
}

// A rolling update keeps what lies below the partition on the old revision; OnDelete makes every new pod from the new one.
function revisionFor({ set, current, update }: SetFacts, ordinal: number): ControllerRevision {
  if (set.spec.updateStrategy?.type === 'OnDelete') return update;
  const partition = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  return ordinal < (set.spec.ordinals?.start ?? 0) + partition ? current : update;
}
