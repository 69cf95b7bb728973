/** Leaves a Kubernetes Event on the StatefulSet: the audit trail that `kubectl describe` shows. */
import type { StatefulSetFacts } from '../core/stateful-set.ts';
import { formatTime } from '../core/time.ts';
import type { World } from '../ports.ts';
import { EVENTS } from '../resources.ts';

export type EventReason =
  | 'ZerolossDrained'
  | 'ZerolossRestored'
  | 'ZerolossAdvanced'
  | 'ZerolossRecreating'
  | 'ZerolossRecreated'
  | 'ZerolossSurged'
  | 'ZerolossUnsurged'
  | 'ZerolossRolledBack'
  | 'ZerolossImageSet';

/** A missing event never fails the verb, whose write has already happened; it is only said. */
export async function recordEvent(
  world: World,
  set: StatefulSetFacts,
  reason: EventReason,
  message: string,
): Promise<void> {
  const at = formatTime(world.clock.now()).replace(/\.\d+Z$/, 'Z');
  const event = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { generateName: `${set.name}.`, namespace: set.namespace },
    involvedObject: {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      name: set.name,
      namespace: set.namespace,
      uid: set.uid,
    },
    reason,
    message: message.slice(0, 1024),
    type: 'Normal',
    count: 1,
    firstTimestamp: at,
    lastTimestamp: at,
    source: { component: 'kubectl-zeroloss' },
  };
  try {
    await world.kube.create(EVENTS, event, { namespace: set.namespace, signal: world.signal });
  } catch (error) {
    world.report.warn(
      `no event was recorded on statefulset/${set.name}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
