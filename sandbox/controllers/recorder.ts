/** Events: what `kubectl describe` shows of a controller's doings. */

import { EVENTS } from '../../lib/ports/resources.ts';
import type { Clock, Kube, KubeObject } from '../../lib/ports.ts';

/** Writes one Event about `about`; `reason` is CamelCase, `message` a sentence. */
export type Recorder = (
  about: KubeObject,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
) => Promise<void>;

let serial = 0;

/** An Event that cannot be written is only logged: no controller stops working for want of one. */
export function eventRecorder(kube: Kube, component: string, clock: Clock, log: (line: string) => void): Recorder {
  return async (about, type, reason, message) => {
    const { name, namespace = kube.namespace, uid, resourceVersion } = about.metadata;
    const at = new Date(clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');
    serial += 1;
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${name}.${clock.now().toString(16)}${serial.toString(16).padStart(4, '0')}`, namespace },
      involvedObject: { apiVersion: about.apiVersion, kind: about.kind, name, namespace, uid, resourceVersion },
      type,
      reason,
      message,
      count: 1,
      firstTimestamp: at,
      lastTimestamp: at,
      source: { component },
      reportingComponent: component,
      reportingInstance: '',
    };
    try {
      await kube.create(EVENTS, event, { namespace });
    } catch (error) {
      log(`no event "${message}": ${error instanceof Error ? error.message : String(error)}`);
    }
  };
}
