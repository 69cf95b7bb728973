/** A World that passes on what happens in it: each Event that a step leaves, and each question to the person at the terminal. */
import { formatSeconds } from '../core/values/time.ts';
import { overriding } from '../ports/overriding.ts';
import { EVENTS } from '../ports/resources.ts';
import type { World } from '../ports.ts';
import type { Notifier } from './notifier.ts';

/** The same world; `target` is the StatefulSet's name. */
export function notifyingWorld(world: World, target: string, notifier: Pick<Notifier, 'tell'>): World {
  const { confirm } = world;
  return {
    ...world,
    kube: overriding(world.kube, {
      create(resource, object, options) {
        if (resource === EVENTS && options?.dryRun !== true) notifier.tell(object);
        return world.kube.create(resource, object, options);
      },
    }),
    ...(confirm === undefined
      ? {}
      : {
          confirm: (question: string) => {
            notifier.tell(noticeOf(world, target, { reason: 'ZerolossAsking', message: question, type: 'Normal' }));
            return confirm(question);
          },
        }),
  };
}

export interface VerbNotice {
  reason: 'ZerolossAsking' | 'ZerolossEnded' | 'ZerolossStopped';
  message: string;
  type: 'Normal' | 'Warning';
  /** Of the verb's end. */
  exitCode?: number;
}

/** A document of the shape of an Event for what leaves none in the cluster. */
export function noticeOf(world: World, target: string, { reason, message, type, exitCode }: VerbNotice): object {
  const at = formatSeconds(world.clock.now());
  const { namespace } = world.kube;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: {
      namespace,
      annotations: exitCode === undefined ? {} : { 'kubectl-zeroloss/exit-code': String(exitCode) },
    },
    involvedObject: { apiVersion: 'apps/v1', kind: 'StatefulSet', namespace, name: target },
    reason,
    message,
    type,
    count: 1,
    firstTimestamp: at,
    lastTimestamp: at,
    source: { component: 'kubectl-zeroloss' },
    reportingComponent: 'kubectl-zeroloss',
    reportingInstance: world.operator ?? '',
  };
}
