/** A rehearsal in which no client is connected, and every pod takes the same time until it is ready: the least that an upgrade can take. */

import { PODS } from '../../../lib/ports/resources.ts';
import { type Rehearsal, type RehearsalOptions, rehearse } from './rehearsal.ts';

/** From the birth of a pod until it is ready. */
export const START_MS = 40_000;

/** Every pod took, and takes, START_MS from its birth until it is ready. */
export function quiet({ replicas = 6, ...options }: RehearsalOptions = {}): Rehearsal {
  const run = rehearse({ replicas, ...options });
  const { clock, kube } = run;
  const at = (ms: number) => new Date(ms).toISOString();
  for (const { metadata } of kube.objects(PODS))
    kube.edit(PODS, metadata.name, (pod) => {
      pod.metadata['creationTimestamp'] = at(clock.startMs - 3_600_000);
      for (const condition of (pod['status'] as { conditions: { lastTransitionTime: string }[] }).conditions)
        condition.lastTransitionTime = at(clock.startMs - 3_600_000 + START_MS);
    });
  const turn = (name: string, isReady: boolean): void => {
    kube.edit(PODS, name, (pod) => {
      const status = pod['status'] as { phase: string; conditions: object[] };
      status.phase = isReady ? 'Running' : 'Pending';
      for (const condition of status.conditions)
        Object.assign(condition, { status: isReady ? 'True' : 'False', lastTransitionTime: at(clock.now()) });
    });
  };
  const soon = (ms: number, act: () => void): void => clock.at(clock.now() - clock.startMs + ms, act);
  // The controller makes it two seconds after the deletion.
  kube.replacement = (name) => {
    soon(START_MS, () => turn(name, true));
    return { ready: false };
  };
  const put = kube.put.bind(kube);
  // A surplus takes as long.
  kube.put = (object) => {
    const { kind, metadata } = put(object);
    if (kind === 'Pod' && Number(metadata.name.split('-').at(-1)) >= replicas) {
      turn(metadata.name, false);
      soon(START_MS, () => turn(metadata.name, true));
    }
    return object;
  };
  return run;
}
