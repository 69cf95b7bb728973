/**
 * Leaves a Kubernetes Event on the StatefulSet: the audit trail that `kubectl describe` shows, and the only writer of it.
 * The operator stands in reportingInstance, and the data behind the sentence in an annotation: neither lengthens the line
 * that people read.
 */

import { STEP_DETAILS, type StepDetails, stepDetailsText } from '../../core/story/step-details.ts';
import type { StatefulSetFacts } from '../../core/target/stateful-set-facts.ts';
import { formatSeconds, formatTime } from '../../core/values/time.ts';
import { EVENTS } from '../../ports/resources.ts';
import type { World } from '../../ports.ts';

export type EventReason =
  | 'ZerolossDrained'
  | 'ZerolossRestored'
  | 'ZerolossAdvanced'
  | 'ZerolossRecreating'
  | 'ZerolossRecreated'
  | 'ZerolossSurged'
  | 'ZerolossUnsurged'
  | 'ZerolossRolledBack'
  | 'ZerolossImageSet'
  | 'ZerolossRestarted'
  | 'ZerolossScaled'
  | 'ZerolossLeaving'
  | 'ZerolossPaused'
  | 'ZerolossPauseReached'
  | 'ZerolossInterrupted'
  | 'ZerolossResumed';

export const EVENT_COMPONENT = 'kubectl-zeroloss';
/** Longer values are refused (Kubernetes: Event validation, reportingInstance). */
const MAX_OPERATOR = 128;

/** Warns when the event cannot be written, and never fails the verb: its own write has already happened. */
export async function writeEvent(
  world: World,
  set: StatefulSetFacts,
  reason: EventReason,
  message: string,
  details: StepDetails = {},
): Promise<void> {
  const exactly = formatTime(world.clock.now());
  const at = formatSeconds(world.clock.now());
  const event = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: {
      generateName: `${set.name}.`,
      namespace: set.namespace,
      annotations: { [STEP_DETAILS]: stepDetailsText({ at: exactly, ...details }) },
    },
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
    source: { component: EVENT_COMPONENT },
    reportingComponent: EVENT_COMPONENT,
    reportingInstance: (world.operator ?? '').slice(0, MAX_OPERATOR),
  };
  try {
    await world.kube.create(EVENTS, event, { namespace: set.namespace, signal: world.signal });
  } catch (error) {
    world.report.warn(
      `no event was written on statefulset/${set.name}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
