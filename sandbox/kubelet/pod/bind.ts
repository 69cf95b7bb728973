/** Puts pods without a node on this node: there is no scheduler in a rehearsal cluster. */
import { list, text } from '../../../lib/core/values/read.ts';
import { PODS } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { recordEvent } from './kubelet-events.ts';
import type { NodeContext } from './pod-worker.ts';
import { untilDone } from './status-writer.ts';

/** Whether the pod waits for a node and may have one. */
export function isUnscheduled(pod: KubeObject): boolean {
  return (
    text(pod, 'spec', 'nodeName') === undefined &&
    pod.metadata.deletionTimestamp === undefined &&
    list(pod, 'spec', 'schedulingGates').length === 0
  );
}

/** POST pods/NAME/binding; tries again until it is done, somebody else has done it, or `signal` aborts. Never rejects. */
export async function bindPod(pod: KubeObject, context: NodeContext, signal: AbortSignal): Promise<void> {
  const { name, namespace = '', uid = '' } = pod.metadata;
  const { kube, nodeName, now, log } = context;
  const binding = {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name, namespace, uid },
    target: { apiVersion: 'v1', kind: 'Node', name: nodeName },
  };
  const post = () => kube.create(PODS, binding, { namespace, name, subresource: 'binding', signal });
  const tell = (line: string) => log(`binding of ${namespace}/${name}: ${line}`);
  if (!(await untilDone(post, tell, signal))) return;
  const message = `Successfully assigned ${namespace}/${name} to ${nodeName}`;
  const options = { type: 'Normal' as const, reason: 'Scheduled', message, component: 'default-scheduler' as const };
  await recordEvent(kube, { namespace, name, uid }, { ...options, nodeName, nowMs: now() }, tell);
}
