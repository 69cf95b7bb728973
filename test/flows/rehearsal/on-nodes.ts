/** A rehearsal whose pods are on nodes of which one is to be emptied. */
import { LEAVING_NODES } from '../../../lib/core/target/leaving-nodes.ts';
import { text } from '../../../lib/core/values/read.ts';
import { PODS, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { type Rehearsal, rehearse } from './rehearsal.ts';

export const node = (name: string, unschedulable: boolean): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { 'kubernetes.io/hostname': `host-${name}` } },
  spec: unschedulable ? { unschedulable: true } : {},
});

/** Four pods of one revision, 0 and 2 on n1, the others on n2; a replacement is on n2, unless `back` says where. */
export function onNodes({ cordoned = true, back = 'n2', claims = false } = {}): Rehearsal {
  const rehearsal = rehearse({
    settled: true,
    replicas: 4,
    ...(claims ? { set: { merge: { spec: { volumeClaimTemplates: [{ metadata: { name: 'data' } }] } } } } : {}),
  });
  const { kube } = rehearsal;
  for (const ordinal of [0, 1, 2, 3])
    kube.edit(PODS, `nginx-${ordinal}`, (object) => {
      object['spec'] = { ...(object['spec'] as object), nodeName: ordinal % 2 === 0 ? 'n1' : 'n2' };
    });
  kube.put(node('n1', cordoned));
  kube.put(node('n2', false));
  kube.put(node('n3', true));
  kube.replacement = () => ({ merge: { spec: { nodeName: back } } });
  return rehearsal;
}

/** The nodes that are noted to be emptied. */
export const record = ({ kube }: Rehearsal) =>
  kube.object(STATEFUL_SETS, 'nginx')?.metadata.annotations?.[LEAVING_NODES];
export const nodeOf = ({ kube }: Rehearsal, name: string) => text(kube.object(PODS, name), 'spec', 'nodeName');
