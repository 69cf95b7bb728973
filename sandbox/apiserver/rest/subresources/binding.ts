/** Binding: puts a pod on a node, once (a scheduler's write). */
import type { KubeObject } from '../../../../lib/ports.ts';
import { asMap, asMaps, asText } from '../../../semantics/json.ts';
import type { ServedResource } from '../../catalogue.ts';
import { conflict, invalid } from '../../http/api-error.ts';
import { rfc3339 } from '../read/query.ts';
import type { RestCluster } from '../rest-cluster.ts';

/** Throws 409 when the pod is going or has a node already, 422 without a target. */
export function bindPod(
  cluster: RestCluster,
  pods: ServedResource,
  pod: KubeObject,
  binding: unknown,
  options: { dryRun: boolean },
): void {
  const { name } = pod.metadata;
  const node = asText(asMap(asMap(binding)['target'])['name']);
  if (node === '') {
    const message = 'Required value';
    throw invalid({ group: '', name: 'Binding' }, name, [
      { reason: 'FieldValueRequired', message, field: 'target.name' },
    ]);
  }
  const binds = { group: '', name: 'pods/binding' };
  if (pod.metadata.deletionTimestamp !== undefined) {
    throw conflict(binds, name, `pod ${name} is being deleted, cannot be assigned to a host`);
  }
  const spec = asMap(pod['spec']);
  const current = asText(spec['nodeName']);
  if (current !== '') throw conflict(binds, name, `pod ${name} is already assigned to node "${current}"`);
  if (options.dryRun) return;
  const status = asMap(pod['status']);
  const others = asMaps(status['conditions']).filter(({ type }) => type !== 'PodScheduled');
  const scheduled = { type: 'PodScheduled', status: 'True', lastTransitionTime: rfc3339(cluster.now()) };
  cluster.store.put(pods, {
    ...pod,
    spec: { ...spec, nodeName: node },
    status: { ...status, conditions: [...others, scheduled] },
  });
}
