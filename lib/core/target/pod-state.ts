/** The state of a pod's containers, in kubectl's words (its READY, STATUS and RESTARTS columns), and why one does not start. */

import type { KubeObject } from '../facts/kube-object.ts';
import { field, list, number, oneLine, text } from '../values/read.ts';

export interface PodState {
  /** `Running`, `Init:CrashLoopBackOff`, `Init:0/2`, `NodeLost`. */
  state: string;
  /** Native sidecars (init containers that restart always) count as containers. */
  containers: { ready: number; total: number };
  restarts: number;
  /** Why it does not start and will not by waiting alone: the kubelet's or the scheduler's own words; undefined: it may. */
  stuck?: string;
}

/** Waiting reasons that a pod does not leave by itself (kubelet: container and image errors that are tried again for ever). */
const STUCK: ReadonlySet<string> = new Set([
  'CrashLoopBackOff',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
]);

export function podState(object: KubeObject): PodState {
  const sidecars = new Set(sidecarNames(object));
  const inits = list(object, 'status', 'initContainerStatuses');
  const containers = list(object, 'status', 'containerStatuses');
  const isSidecar = (each: unknown): boolean => sidecars.has(text(each, 'name') ?? '');
  const lasting = [...inits.filter(isSidecar), ...containers];
  const initialising = initState(object, inits, isSidecar);
  const phase = text(object, 'status', 'reason') ?? text(object, 'status', 'phase') ?? 'Unknown';
  const stuck = stuckText([...inits, ...containers], object);
  const begun = isTrue(object, 'Initialized');
  const started = initialising === undefined || begun ? containers : [];
  return {
    state: reasonOf(started) ?? initialising ?? phase,
    containers: {
      ready: lasting.filter((each) => field(each, 'ready') === true).length,
      total: list(object, 'spec', 'containers').length + sidecars.size,
    },
    restarts: (initialising === undefined || begun ? lasting : [...inits, ...containers]).reduce<number>(
      (sum, each) => sum + (number(each, 'restartCount') ?? 0),
      0,
    ),
    ...(stuck === undefined ? {} : { stuck }),
  };
}

/** Init containers that go on running beside the others (Kubernetes 1.29: restartPolicy Always). */
export const sidecars = (object: unknown): unknown[] =>
  list(object, 'spec', 'initContainers').filter((each) => text(each, 'restartPolicy') === 'Always');

const sidecarNames = (object: unknown): string[] => sidecars(object).map((each) => text(each, 'name') ?? '');

const isTrue = (object: KubeObject, type: string): boolean =>
  list(object, 'status', 'conditions').some((each) => text(each, 'type') === type && text(each, 'status') === 'True');

/** As kubectl prints it while the init containers run; undefined: they are through, and the sidecars run. */
function initState(
  object: KubeObject,
  statuses: readonly unknown[],
  isSidecar: (status: unknown) => boolean,
): string | undefined {
  for (const [index, each] of statuses.entries()) {
    if (number(each, 'state', 'terminated', 'exitCode') === 0 && !isSidecar(each)) continue;
    if (isSidecar(each) && field(each, 'started') === true) continue;
    const reason = reasonOf([each]);
    return reason === undefined || reason === 'PodInitializing'
      ? `Init:${index}/${list(object, 'spec', 'initContainers').length}`
      : `Init:${reason}`;
  }
  return undefined;
}

function reasonOf(statuses: readonly unknown[]): string | undefined {
  for (const each of statuses) {
    const ended = field(each, 'state', 'terminated');
    const reason = text(field(each, 'state', 'waiting'), 'reason') ?? text(ended, 'reason');
    if (reason !== undefined) return reason;
    if (ended !== undefined) return `ExitCode:${number(ended, 'exitCode') ?? '?'}`;
  }
  return undefined;
}

function stuckText(statuses: readonly unknown[], object: KubeObject): string | undefined {
  for (const each of statuses) {
    const waiting = field(each, 'state', 'waiting');
    const reason = text(waiting, 'reason') ?? '';
    if (STUCK.has(reason)) return `container ${text(each, 'name') ?? '?'} is in ${reason}${saying(waiting)}`;
  }
  const unscheduled = list(object, 'status', 'conditions').find(
    (each) => text(each, 'type') === 'PodScheduled' && text(each, 'reason') === 'Unschedulable',
  );
  return unscheduled === undefined ? undefined : `no node takes it (Unschedulable)${saying(unscheduled)}`;
}

const saying = (status: unknown): string => {
  const message = oneLine(text(status, 'message') ?? '');
  return message === '' ? '' : `: ${message}`;
};
