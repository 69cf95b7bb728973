/**
 * A node whose kubelet has fallen silent: it becomes Unknown and is tainted, its pods are no longer ready, and those that
 * do not tolerate that for longer are deleted (Kubernetes: node-lifecycle and taint-eviction controllers). No one is left
 * to end them: they stay Terminating until the node is back or somebody deletes them with --force.
 */
import { list, text } from '../../lib/core/values/read.ts';
import { NODES, PODS } from '../../lib/ports/resources.ts';
import type { Kube, KubeObject } from '../../lib/ports.ts';
import { keyOf } from '../common/informer.ts';
import type { Running } from '../common/running.ts';
import { asMap, asMaps } from '../semantics/json.ts';
import type { ControllerOptions } from './controller-types.ts';
import { type Controller, startController } from './start-controller.ts';
import { tolerate } from './tolerate.ts';

/** Without a heartbeat for so long a node counts as unreachable; Kubernetes waits 50 s. */
const GRACE_MS = 12_000;

const UNREACHABLE = 'node.kubernetes.io/unreachable';
const SILENT = { reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' };

const NODE_LIFECYCLE: Controller<'nodes' | 'pods'> = {
  component: 'node-controller',
  watches: { nodes: NODES, pods: PODS },

  keysAfter: (name, object) => (name === 'nodes' ? [keyOf(object)] : [text(object, 'spec', 'nodeName') ?? '']),

  async reconcile(key, { kube, clock, copies, enqueue }) {
    const node = copies.nodes.get('', key);
    if (node === undefined) return;
    const now = clock.now();
    const heartbeat = heartbeatMs(node);
    if (heartbeat === undefined) return;
    const silentMs = now - heartbeat;
    if (silentMs < GRACE_MS) {
      if (isTainted(node)) await taint(kube, node, undefined);
      enqueue(key, GRACE_MS - silentMs + 1);
      return;
    }
    if (ready(node) !== 'Unknown') await markUnknown(kube, node, now);
    if (!isTainted(node)) await taint(kube, node, now);
    for (const pod of copies.pods.list().filter((each) => text(each, 'spec', 'nodeName') === key)) {
      if (ready(pod) === 'True') await markNotReady(kube, pod, now);
      const leftMs = taintedAtMs(node, now) + toleratedMs(pod) - now;
      if (pod.metadata.deletionTimestamp !== undefined || !Number.isFinite(leftMs)) continue;
      if (leftMs > 0) enqueue(key, leftMs + 1);
      else await evict(kube, pod);
    }
  },
};

/** Starts the controller. */
export function startNodeLifecycle(kube: Kube, options: ControllerOptions = {}): Running {
  return startController(kube, NODE_LIFECYCLE, options);
}

const readyCondition = (object: KubeObject): unknown =>
  list(object, 'status', 'conditions').find((condition) => text(condition, 'type') === 'Ready');

const ready = (object: KubeObject): string | undefined => text(readyCondition(object), 'status');

/** A node without a heartbeat is new, not silent. */
const heartbeatMs = (node: KubeObject): number | undefined => {
  const at = Date.parse(text(readyCondition(node), 'lastHeartbeatTime') ?? '');
  return Number.isNaN(at) ? undefined : at;
};

const unreachable = (node: KubeObject): unknown =>
  list(node, 'spec', 'taints').find(
    (each) => text(each, 'key') === UNREACHABLE && text(each, 'effect') === 'NoExecute',
  );

const isTainted = (node: KubeObject): boolean => unreachable(node) !== undefined;

const taintedAtMs = (node: KubeObject, now: number): number => {
  const at = Date.parse(text(unreachable(node), 'timeAdded') ?? '');
  return Number.isNaN(at) ? now : at;
};

/** How long the pod may stay on a node that is unreachable; Infinity for ever. */
function toleratedMs(pod: KubeObject): number {
  const tolerations = asMaps(asMap(pod['spec'])['tolerations']).filter(
    ({ key, effect }) => (key === UNREACHABLE || key === undefined) && (effect === 'NoExecute' || effect === undefined),
  );
  if (tolerations.length === 0) return 0;
  const limits = tolerations
    .map(({ tolerationSeconds }) => tolerationSeconds)
    .filter((each) => typeof each === 'number');
  return limits.length === 0 ? Number.POSITIVE_INFINITY : Math.min(...limits) * 1000;
}

const rfc3339 = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

async function markUnknown(kube: Kube, node: KubeObject, now: number): Promise<void> {
  const { name, uid } = node.metadata;
  const conditions = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'].map((type) => ({
    type,
    status: 'Unknown',
    ...SILENT,
    lastTransitionTime: rfc3339(now),
  }));
  const patch = { metadata: { uid }, status: { conditions } };
  await tolerate(() => kube.patch(NODES, name, patch, { type: 'strategic', subresource: 'status' }));
}

/** Sets both taints, or takes them away; other taints stay. */
async function taint(kube: Kube, node: KubeObject, at: number | undefined): Promise<void> {
  const { name, uid, resourceVersion } = node.metadata;
  const others = list(node, 'spec', 'taints').filter((each) => text(each, 'key') !== UNREACHABLE);
  const effects = at === undefined ? [] : ['NoSchedule', 'NoExecute'];
  const own = effects.map((effect) => ({ key: UNREACHABLE, effect, timeAdded: rfc3339(at ?? 0) }));
  const patch = { metadata: { uid, resourceVersion }, spec: { taints: [...others, ...own] } };
  await tolerate(() => kube.patch(NODES, name, patch, { type: 'merge' }));
}

async function markNotReady(kube: Kube, pod: KubeObject, now: number): Promise<void> {
  const { name, namespace = '', uid } = pod.metadata;
  const conditions = [{ type: 'Ready', status: 'False', lastTransitionTime: rfc3339(now) }];
  const patch = { metadata: { uid }, status: { conditions } };
  await tolerate(() => kube.patch(PODS, name, patch, { type: 'strategic', subresource: 'status', namespace }));
}

async function evict(kube: Kube, pod: KubeObject): Promise<void> {
  const { name, namespace = '', uid } = pod.metadata;
  await tolerate(() => kube.delete(PODS, name, { namespace, uid }));
}
