/** The one word that stands for a pod's state, and its counts (Kubernetes: printPod in pkg/printers/internalversion). */
import type { KubeObject } from '../../../lib/ports.ts';
import { asMap, asMaps, asText, isMap, type JsonMap } from '../json.ts';
import { renderAge } from './age-cell.ts';

export interface PodSummary {
  reason: string;
  ready: number;
  restarts: number;
  /** When a container last ended before it was started again; undefined = never. */
  lastRestartMs: number | undefined;
}

export function summarisePod(pod: KubeObject): PodSummary {
  const status = asMap(pod['status']);
  const phase = asText(status['phase']);
  const conditions = asMaps(status['conditions']);
  const gated = conditions.some(({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated');
  const initContainers = asMaps(asMap(pod['spec'])['initContainers']);
  const init = summariseInit(asMaps(status['initContainerStatuses']), initContainers);
  const initialized = init.reason === undefined || isTrue(conditions, 'Initialized');
  const main = initialized ? summariseMain(asMaps(status['containerStatuses']), conditions) : undefined;
  const statuses = main === undefined ? init.seen : [...init.sidecars, ...asMaps(status['containerStatuses'])];
  const reason = main?.reason ?? init.reason ?? (gated ? 'SchedulingGated' : asText(status['reason']) || phase);
  return {
    reason: whileDeleted(pod, phase, reason),
    ready: init.readySidecars + (main?.ready ?? 0),
    restarts: statuses.reduce((sum, container) => sum + Number(container['restartCount'] ?? 0), 0),
    lastRestartMs: lastEnd(statuses),
  };
}

/** `3 (5s ago)`: how many restarts, and how long since the last. */
export function renderRestarts(restarts: number, lastRestartMs: number | undefined, nowMs: number): string {
  return restarts === 0 || lastRestartMs === undefined
    ? String(restarts)
    : `${restarts} (${renderAge(nowMs - lastRestartMs)} ago)`;
}

function whileDeleted(pod: KubeObject, phase: string, reason: string): string {
  if (pod.metadata.deletionTimestamp === undefined) {
    return reason;
  }
  return phase === 'Succeeded' || phase === 'Failed' ? reason : 'Terminating';
}

const isTrue = (conditions: readonly JsonMap[], type: string) =>
  conditions.some((condition) => condition['type'] === type && condition['status'] === 'True');

function summariseInit(statuses: readonly JsonMap[], containers: readonly JsonMap[]) {
  const isSidecar = (container: JsonMap) =>
    containers.some(({ name, restartPolicy }) => name === container['name'] && restartPolicy === 'Always');
  const sidecars = statuses.filter(isSidecar);
  let readySidecars = 0;
  for (const [index, container] of statuses.entries()) {
    const { terminated, waiting } = asMap(container['state']);
    if (isMap(terminated) && terminated['exitCode'] === 0) {
      continue;
    }
    if (isSidecar(container) && container['started'] === true) {
      readySidecars += container['ready'] === true ? 1 : 0;
      continue;
    }
    const waitingFor = asText(asMap(waiting)['reason']);
    const reason = isMap(terminated)
      ? `Init:${ending(terminated)}`
      : waitingFor !== '' && waitingFor !== 'PodInitializing'
        ? `Init:${waitingFor}`
        : `Init:${index}/${containers.length}`;
    return { reason, readySidecars, sidecars, seen: statuses.slice(0, index + 1) };
  }
  return { reason: undefined, readySidecars, sidecars, seen: statuses };
}

/** The first container that is not simply running gives the pod its word. */
function summariseMain(statuses: readonly JsonMap[], conditions: readonly JsonMap[]) {
  let reason: string | undefined;
  let running = false;
  let ready = 0;
  for (const container of statuses.toReversed()) {
    const state = asMap(container['state']);
    const waitingFor = asText(asMap(state['waiting'])['reason']);
    if (waitingFor !== '') {
      reason = waitingFor;
    } else if (isMap(state['terminated'])) {
      reason = ending(state['terminated']);
    } else if (container['ready'] === true && isMap(state['running'])) {
      running = true;
      ready += 1;
    }
  }
  if (reason === 'Completed' && running) {
    reason = isTrue(conditions, 'Ready') ? 'Running' : 'NotReady';
  }
  return { reason, ready };
}

function ending(terminated: JsonMap): string {
  const signal = Number(terminated['signal'] ?? 0);
  return (
    asText(terminated['reason']) || (signal === 0 ? `ExitCode:${terminated['exitCode'] ?? 0}` : `Signal:${signal}`)
  );
}

function lastEnd(statuses: readonly JsonMap[]): number | undefined {
  const ends = statuses
    .map((container) => Date.parse(asText(asMap(asMap(container['lastState'])['terminated'])['finishedAt'])))
    .filter((ms) => !Number.isNaN(ms));
  return ends.length === 0 ? undefined : Math.max(...ends);
}
