/** The work that a pod's manifest asks of the kubelet, read from the object of the API. */
import { parseDuration } from '../../../lib/core/values/duration.ts';
import { field, list, number, text } from '../../../lib/core/values/read.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { Behaviour, ON_TERMINATE, type OnTerminate } from '../../common/pod-behaviour.ts';
import { type HookPlan, planHook } from '../container/stop-hook.ts';
import { type ProbePlan, planProbe } from '../probe/probe-plan.ts';

export type Fault = 'crash-loop' | 'never-ready' | 'image-pull-error' | 'error-answers';
const FAULTS: readonly Fault[] = ['crash-loop', 'never-ready', 'image-pull-error', 'error-answers'];

export interface ContainerPlan {
  name: string;
  image: string;
  /** TCP container ports, without repetition. */
  ports: readonly number[];
  portNames: Readonly<Record<string, number>>;
  readiness: ProbePlan | undefined;
  liveness: ProbePlan | undefined;
  startup: ProbePlan | undefined;
  preStop: HookPlan | undefined;
  fault: Fault | undefined;
  /** `init` has to be over before the next one begins; `app` serves; `sidecar` serves beside it, and begins before it; `ephemeral` only waits to be exec'd into. */
  role: 'init' | 'sidecar' | 'app' | 'ephemeral';
}

/** Whether a container of this role runs as long as the pod does, with ports and probes. */
export const serves = ({ role }: Pick<ContainerPlan, 'role'>): boolean => role === 'app' || role === 'sidecar';

export interface PodPlan {
  containers: readonly ContainerPlan[];
  gates: readonly string[];
  onTerminate: OnTerminate;
  readyAfterMs: number;
  /** When the program opens its ports; until then it is taken for ready all the same if no probe asks. */
  listenAfterMs: number | undefined;
  restarts: boolean;
  hostname: string;
}

const DEFAULT_READY_AFTER_MS = 500;

/** Fields that the manifest got wrong fall back to their defaults; each is reported to `complain`. */
export function planPod(pod: KubeObject, complain: (problem: string) => void): PodPlan {
  const annotations = pod.metadata.annotations ?? {};
  const asked = faultNamed(annotations[Behaviour.fault]);
  if (annotations[Behaviour.fault] !== undefined && asked === undefined)
    complain(`${Behaviour.fault} must be one of ${FAULTS.join(', ')}, got '${annotations[Behaviour.fault]}'`);
  const terminate = annotations[Behaviour.onTerminate];
  const onTerminate = ON_TERMINATE.find((each) => each === terminate);
  if (terminate !== undefined && onTerminate === undefined)
    complain(`${Behaviour.onTerminate} must be one of ${ON_TERMINATE.join(', ')}, got '${terminate}'`);
  const read = (path: string, role: ContainerPlan['role']) =>
    list(pod, 'spec', path).map((container) => planContainer(container, role, asked));
  return {
    // An init container with restartPolicy Always is a sidecar (Kubernetes 1.29).
    containers: [
      ...list(pod, 'spec', 'initContainers').map((container) =>
        planContainer(container, text(container, 'restartPolicy') === 'Always' ? 'sidecar' : 'init', undefined),
      ),
      ...read('containers', 'app'),
      ...read('ephemeralContainers', 'ephemeral'),
    ],
    gates: list(pod, 'spec', 'readinessGates').flatMap((gate) => text(gate, 'conditionType') ?? []),
    onTerminate: onTerminate ?? 'ungraceful',
    readyAfterMs: durationOf(Behaviour.readyAfter, annotations, complain) ?? DEFAULT_READY_AFTER_MS,
    listenAfterMs: durationOf(Behaviour.listenAfter, annotations, complain),
    restarts: (text(pod, 'spec', 'restartPolicy') ?? 'Always') !== 'Never',
    hostname: text(pod, 'spec', 'hostname') ?? pod.metadata.name,
  };
}

function planContainer(container: unknown, role: ContainerPlan['role'], asked: Fault | undefined): ContainerPlan {
  const image = text(container, 'image') ?? '';
  const tcp = list(container, 'ports').filter((port) => (text(port, 'protocol') ?? 'TCP') === 'TCP');
  const probe = (name: string) => (serves({ role }) ? planProbe(field(container, name)) : undefined);
  const ports = serves({ role }) ? tcp.flatMap((port) => number(port, 'containerPort') ?? []) : [];
  return {
    name: text(container, 'name') ?? '',
    image,
    ports: [...new Set(ports)],
    portNames: Object.fromEntries(
      tcp.flatMap((port) => {
        const name = text(port, 'name');
        const value = number(port, 'containerPort');
        return name === undefined || value === undefined ? [] : [[name, value]];
      }),
    ),
    readiness: probe('readinessProbe'),
    liveness: probe('livenessProbe'),
    startup: probe('startupProbe'),
    preStop: planHook(field(container, 'lifecycle', 'preStop')),
    fault: role === 'ephemeral' ? undefined : (asked ?? faultNamed(tagOf(image))),
    role,
  };
}

/** The fault whose word the text is or contains. */
function faultNamed(name: string | undefined): Fault | undefined {
  return name === undefined ? undefined : FAULTS.find((fault) => name.includes(fault));
}

/** The text behind the colon after the last slash; a registry's port is no tag. */
function tagOf(image: string): string {
  return /:([^/:]+)$/.exec(image)?.[1] ?? '';
}

function durationOf(
  name: string,
  annotations: Readonly<Record<string, string>>,
  complain: (problem: string) => void,
): number | undefined {
  const text = annotations[name];
  if (text === undefined) return undefined;
  try {
    return parseDuration(text, name);
  } catch {
    complain(`${name} must be a duration like 800ms or 2s, got '${text}'`);
    return undefined;
  }
}
