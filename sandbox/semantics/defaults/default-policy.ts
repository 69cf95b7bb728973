import type { ObjectMeta } from '../../../lib/ports.ts';
import { asMap, type JsonMap } from '../json.ts';
import { fill, fillEach, fillField } from './fill.ts';

const RBAC = 'rbac.authorization.k8s.io';

/** A namespace is labelled with its own name (Kubernetes: SetDefaults_Namespace). */
export function withNamespaceDefaults(object: JsonMap, metadata: ObjectMeta): JsonMap {
  const own = asMap(object['metadata']);
  return {
    ...object,
    metadata: { ...own, labels: { ...asMap(own['labels']), 'kubernetes.io/metadata.name': metadata.name } },
  };
}

/** The API groups of a RoleBinding's or ClusterRoleBinding's parts (Kubernetes: SetDefaults_Subject). */
export function withBindingDefaults(object: JsonMap): JsonMap {
  const filled = fillField(object, 'roleRef', (reference) => fill(reference, { apiGroup: RBAC }));
  return fillEach(filled, 'subjects', (subject) =>
    subject['kind'] === 'User' || subject['kind'] === 'Group' ? fill(subject, { apiGroup: RBAC }) : subject,
  );
}
