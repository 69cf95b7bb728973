/** Counts the changes of a Deployment's controller to its ReplicaSets as they happen. */
import { number, text } from '../../lib/core/values/read.ts';
import { REPLICA_SETS } from '../../lib/ports/resources.ts';
import type { Kube, KubeObject } from '../../lib/ports.ts';
import { startInformer } from '../common/informer.ts';
import type { Running } from '../common/running.ts';

export interface Rollout {
  /** The most pods that the ReplicaSets asked for together, and the fewest that were available. */
  most: number;
  fewest: number;
  /** Changes of size in order: `new +3`, `old -2`. */
  steps: string[];
}

export interface RolloutWatch extends Running {
  rollout(): Rollout;
}

/** Begins with what stands: one whole ReplicaSet, which is the old one. */
export async function watchRollout(kube: Kube, app: string): Promise<RolloutWatch> {
  const sizes = new Map<string, { asked: number; available: number }>();
  let old: string | undefined;
  const rollout: Rollout = { most: 0, fewest: Number.POSITIVE_INFINITY, steps: [] };
  const onUpsert = (set: KubeObject): void => {
    const { name } = set.metadata;
    const asked = number(set, 'spec', 'replicas') ?? 0;
    const before = sizes.get(name);
    if (before === undefined && asked > 0 && sizes.size === 0) old = name;
    sizes.set(name, { asked, available: number(set, 'status', 'availableReplicas') ?? 0 });
    const change = asked - (before?.asked ?? 0);
    const isFirst = before === undefined && name === old;
    if (change !== 0 && !isFirst)
      rollout.steps.push(`${name === old ? 'old' : 'new'} ${change > 0 ? '+' : ''}${change}`);
    const all = [...sizes.values()];
    rollout.most = Math.max(
      rollout.most,
      all.reduce((sum, each) => sum + each.asked, 0),
    );
    rollout.fewest = Math.min(
      rollout.fewest,
      all.reduce((sum, each) => sum + each.available, 0),
    );
  };
  const options = { namespace: kube.namespace, labelSelector: `app=${app}` };
  const informer = startInformer(kube, REPLICA_SETS, options, {
    onUpsert,
    onDelete: (set) => void sizes.delete(text(set, 'metadata', 'name') ?? ''),
  });
  await informer.synced;
  return { rollout: () => structuredClone(rollout), stop: () => informer.stop() };
}
