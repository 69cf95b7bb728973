/** The state of the cluster, and the differences between two looks at it. */
import { text } from '../../../lib/core/values/read.ts';
import { RS_WEIGHT, type Stage } from '../stage/stage.ts';
import type { Kind } from './row.ts';

const PAUSED = /\/paused$/;
const MOMENT = /\/zero-seen/;
const OURS = /kubectl-zeroloss\//;

export type Snapshot = Record<Kind | 'records', string> & { uids: Record<string, string> };

export async function snapshot(stage: Stage): Promise<Snapshot> {
  const [services, set, pods] = await Promise.all([stage.services(), stage.set(), stage.pods()]);
  const objects = [...services, set];
  const annotations = objects.map(({ metadata }) => Object.entries(metadata.annotations ?? {}));
  const those = (is: (key: string) => boolean) =>
    JSON.stringify(annotations.map((all) => all.filter(([key]) => is(key)).sort()));
  const spec = set['spec'] as { template: unknown; replicas: number };
  return {
    weights: JSON.stringify(
      services.map((service) => [service.metadata.name, text(service, 'metadata', 'annotations', RS_WEIGHT)]),
    ),
    template: JSON.stringify(spec.template),
    replicas: String(spec.replicas),
    pods: '',
    pause: those((key) => PAUSED.test(key)),
    records: those((key) => OURS.test(key) && !PAUSED.test(key) && !MOMENT.test(key)),
    // A pod that is going counts as gone: another client deleted it before this look.
    uids: Object.fromEntries(
      pods
        .filter((pod) => text(pod, 'metadata', 'deletionTimestamp') === undefined)
        .map(({ metadata }) => [metadata.name, metadata.uid ?? '']),
    ),
  };
}

/** A pod that is born by more replicas is no change of its own; one that is gone or another is. */
export function changesBetween(before: Snapshot, after: Snapshot): (Kind | 'records')[] {
  const kinds = (['weights', 'template', 'replicas', 'pause', 'records'] as const).filter(
    (kind) => before[kind] !== after[kind],
  );
  const gone = Object.entries(before.uids).some(([name, uid]) => after.uids[name] !== uid);
  return gone ? [...kinds, 'pods'] : kinds;
}
