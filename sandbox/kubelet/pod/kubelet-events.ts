/** Kubernetes Events about a pod, as `kubectl describe pod` shows them. */
import { randomBytes } from 'node:crypto';
import { EVENTS } from '../../../lib/ports/resources.ts';
import type { Kube } from '../../../lib/ports.ts';
import { timestamp } from './kubelet-status.ts';
import type { PodRef } from './status-writer.ts';

export interface EventOptions {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
  component: 'kubelet' | 'default-scheduler';
  nodeName: string;
  nowMs: number;
}

/** Never rejects: an event that cannot be recorded is reported to `log`, and nothing waits for it. */
export async function recordEvent(
  kube: Kube,
  pod: PodRef,
  { type, reason, message, component, nodeName, nowMs }: EventOptions,
  log: (line: string) => void,
): Promise<void> {
  const at = timestamp(nowMs);
  const event = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${pod.name}.${randomBytes(8).toString('hex')}`, namespace: pod.namespace },
    involvedObject: { apiVersion: 'v1', kind: 'Pod', ...pod },
    type,
    reason,
    message,
    source: { component, ...(component === 'kubelet' ? { host: nodeName } : {}) },
    firstTimestamp: at,
    lastTimestamp: at,
    count: 1,
    reportingComponent: component,
    reportingInstance: nodeName,
  };
  try {
    await kube.create(EVENTS, event, { namespace: pod.namespace });
  } catch (error) {
    log(`event ${reason} of ${pod.namespace}/${pod.name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
