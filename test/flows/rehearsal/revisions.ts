/** The ControllerRevisions of a rehearsal. */

import { STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { NEW_HASH, OLD_HASH } from '../../builders.ts';
import type { Rehearsal } from './rehearsal.ts';

/** The two templates of the upgrade as the controller keeps them. */
export function withRevisions(rehearsal: Rehearsal): Rehearsal {
  const set = rehearsal.kube.object(STATEFUL_SETS, 'nginx') as KubeObject;
  const template = (set['spec'] as { template: { spec: { containers: object[] } } }).template;
  [OLD_HASH, NEW_HASH].forEach((hash, index) => {
    const image = index === 0 ? 'nginx:1.25.3' : 'nginx:1.25.4';
    rehearsal.kube.put({
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: {
        name: `nginx-${hash}`,
        creationTimestamp: `2026-01-0${index + 1}T00:00:00Z`,
        labels: { app: 'nginx' },
        ownerReferences: [
          { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'nginx', uid: set.metadata.uid ?? '', controller: true },
        ],
      },
      revision: index + 1,
      data: {
        spec: {
          template: {
            ...template,
            spec: { ...template.spec, containers: [{ ...template.spec.containers[0], image }] },
            $patch: 'replace',
          },
        },
      },
    });
  });
  return rehearsal;
}
