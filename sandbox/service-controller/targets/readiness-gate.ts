/** TKE's readiness gate: a pod counts as ready only when the load balancer has it and finds it healthy. */
import { list, text } from '../../../lib/core/values/read.ts';
import { PODS } from '../../../lib/ports/resources.ts';
import type { Kube, KubeObject } from '../../../lib/ports.ts';
import type { Listener } from '../../clb/balancers/listener.ts';
import { tolerate } from '../../controllers/tolerate.ts';

export const READINESS_GATE = 'cloud.tencent.com/load-balancer-backendgroup-ready';

/**
 * The pod as TKE's admission webhook leaves it when it is created: with the readiness gate. A pod that has it is returned
 * as it is. With `isWanted`, only pods for which it answers true get the gate (in TKE: those behind a direct-access Service).
 */
export function injectReadinessGate(pod: object, isWanted: (pod: object) => boolean = () => true): object {
  if (hasGate(pod) || !isWanted(pod)) return pod;
  const spec = 'spec' in pod && typeof pod.spec === 'object' ? pod.spec : {};
  const readinessGates = [...list(pod, 'spec', 'readinessGates'), { conditionType: READINESS_GATE }];
  return { ...pod, spec: { ...spec, readinessGates } };
}

export const hasGate = (pod: object): boolean =>
  list(pod, 'spec', 'readinessGates').some((gate) => text(gate, 'conditionType') === READINESS_GATE);

/** Has the gate, and its condition is not True yet. */
export function awaitsGate(pod: KubeObject): boolean {
  const isOpen = list(pod, 'status', 'conditions').some(
    (condition) => text(condition, 'type') === READINESS_GATE && text(condition, 'status') === 'True',
  );
  return hasGate(pod) && !isOpen && pod.metadata.deletionTimestamp === undefined;
}

/** Whether this very pod is bound on the listener (on every rule of it), and healthy wherever it is bound. */
export function isHealthyOn(listener: Listener, pod: KubeObject): boolean {
  const bound = listener.targets.filter(({ tag }) => tag === pod.metadata.uid);
  const places = Math.max(1, listener.rules.length);
  return bound.length >= places && bound.every(({ health }) => health === 'alive' || health === 'off');
}

/** Sets the condition True. Once True it stays, whatever happens at the load balancer later. */
export async function openGate(kube: Kube, pod: KubeObject, nowMs: number): Promise<void> {
  const { name, namespace = kube.namespace, uid } = pod.metadata;
  const condition = {
    type: READINESS_GATE,
    status: 'True',
    reason: 'LoadBalancerNetworkGroupReady',
    message: '',
    lastTransitionTime: new Date(nowMs).toISOString().replace(/\.\d+Z$/, 'Z'),
  };
  // Strategic: conditions are merged by type, so that the kubelet's own ones stay.
  const patch = { metadata: { uid }, status: { conditions: [condition] } };
  await tolerate(() => kube.patch(PODS, name, patch, { namespace, type: 'strategic', subresource: 'status' }));
}
