/** A pod's status as a kubelet writes it (Kubernetes: core/v1 PodStatus). */
import { createHash } from 'node:crypto';
import { field, list } from '../../../lib/core/values/read.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import type { ContainerState, Terminated } from '../container/container-state.ts';
import type { Container } from '../container/run-container.ts';
import type { KubeletCondition } from './conditions.ts';
import { serves } from './pod-plan.ts';

export const HOST_IP = '127.0.0.1';

export interface PodStatusFacts {
  pod: KubeObject;
  containers: readonly Container[];
  conditions: readonly KubeletCondition[];
  address: string;
  startedAtMs: number;
  restarts: boolean;
  /** The pod has been terminated for good. */
  ended: boolean;
}

/** RFC 3339 in whole seconds, the only form the API server takes. */
export const timestamp = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

/** The status to patch in, complete but for the conditions of others. */
export function renderPodStatus(facts: PodStatusFacts): Record<string, unknown> {
  const { containers, address } = facts;
  const inits = containers.filter((each) => isInit(each));
  const notBegun = inits.length > 0 ? 'PodInitializing' : 'ContainerCreating';
  const statuses = (which: readonly Container[]) => which.map((each) => renderContainer(each, notBegun));
  const ofRole = (role: string) => statuses(containers.filter((each) => each.plan.role === role));
  const formerAddresses = list(facts.pod, 'status', 'podIPs')
    .map((entry) => field(entry, 'ip'))
    .filter((ip) => ip !== address);
  const init = statuses(inits);
  const ephemeral = ofRole('ephemeral');
  return {
    phase: phaseOf(facts),
    conditions: facts.conditions,
    hostIP: HOST_IP,
    hostIPs: [{ ip: HOST_IP }],
    podIP: address,
    // podIPs is merged by ip: an address from before a restart of the kubelet has to be taken out by name.
    podIPs: [{ ip: address }, ...formerAddresses.map((ip) => ({ $patch: 'delete', ip }))],
    startTime: timestamp(facts.startedAtMs),
    qosClass: qosClassOf(facts.pod),
    ...(init.length > 0 ? { initContainerStatuses: init } : {}),
    containerStatuses: ofRole('app'),
    ...(ephemeral.length > 0 ? { ephemeralContainerStatuses: ephemeral } : {}),
  };
}

/** Native sidecars are init containers to the API (Kubernetes: core/v1 PodStatus). */
const isInit = ({ plan }: Container): boolean => plan.role === 'init' || plan.role === 'sidecar';

function renderContainer(container: Container, notBegun: string): Record<string, unknown> {
  const { plan, last, ready, started, restartCount, containerId, begun } = container;
  const state: ContainerState = begun ? container.state : { kind: 'waiting', reason: notBegun };
  const id = containerId === '' ? {} : { containerID: `containerd://${containerId}`, imageID: imageIdOf(plan.image) };
  const running = state.kind === 'running';
  return {
    name: plan.name,
    image: fullImageName(plan.image),
    imageID: '',
    ...id,
    ready: plan.role === 'init' ? container.isInitialised : ready,
    started: serves(plan) ? started : running,
    restartCount,
    state:
      state.kind === 'running'
        ? { running: { startedAt: timestamp(state.startedAtMs) } }
        : state.kind === 'terminated'
          ? { terminated: renderTerminated(state) }
          : { waiting: { reason: state.reason, ...(state.message === undefined ? {} : { message: state.message }) } },
    lastState: last === undefined || state.kind === 'terminated' ? {} : { terminated: renderTerminated(last) },
  };
}

function renderTerminated({ exitCode, reason, startedAtMs, finishedAtMs, containerId }: Terminated) {
  return {
    exitCode,
    reason,
    startedAt: timestamp(startedAtMs),
    finishedAt: timestamp(finishedAtMs),
    containerID: `containerd://${containerId}`,
  };
}

/** Kubernetes: pkg/kubelet getPhase. A container in back-off after a crash still counts as one that runs. */
function phaseOf({ containers, restarts, ended }: PodStatusFacts): string {
  const failed = containers.some(
    ({ plan, state }) => plan.role === 'init' && state.kind === 'terminated' && state.exitCode !== 0,
  );
  if (failed && !restarts) return 'Failed';
  const apps = containers.filter((each) => each.plan.role === 'app');
  const over = apps.every((each) => each.state.kind === 'terminated');
  if (ended || (over && !restarts))
    return apps.some((each) => (each.last?.exitCode ?? 1) !== 0) ? 'Failed' : 'Succeeded';
  const fresh = apps.some((each) => each.state.kind === 'waiting' && each.last === undefined);
  return fresh ? 'Pending' : 'Running';
}

/** As containerd names it: registry, library and tag spelled out. */
export function fullImageName(image: string): string {
  const [first = '', ...rest] = image.split('/');
  const hasRegistry = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const path = hasRegistry ? image : rest.length > 0 ? `docker.io/${image}` : `docker.io/library/${image}`;
  return /[:@][^/]*$/.test(path.slice(path.lastIndexOf('/') + 1)) ? path : `${path}:latest`;
}

function imageIdOf(image: string): string {
  const repository = fullImageName(image).replace(/[:@][^/]*$/, '');
  return `${repository}@sha256:${createHash('sha256').update(image).digest('hex')}`;
}

/** Kubernetes: Guaranteed needs equal cpu and memory requests and limits on every container, BestEffort none at all. */
export function qosClassOf(pod: KubeObject): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const containers = [...list(pod, 'spec', 'initContainers'), ...list(pod, 'spec', 'containers')];
  const amount = (container: unknown, kind: 'limits' | 'requests', resource: string) =>
    field(container, 'resources', kind, resource);
  const counted = ['cpu', 'memory'];
  const asksNothing = (container: unknown) =>
    counted.every(
      (each) => amount(container, 'limits', each) === undefined && amount(container, 'requests', each) === undefined,
    );
  if (containers.every(asksNothing)) return 'BestEffort';
  const guaranteed = containers.every((container) =>
    counted.every((each) => {
      const limit = amount(container, 'limits', each);
      return limit !== undefined && (amount(container, 'requests', each) ?? limit) === limit;
    }),
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}
