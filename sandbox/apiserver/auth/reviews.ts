/** Reviews: questions about the caller that are answered and not kept. */
import { asMap, asText } from '../../semantics/json.ts';
import type { RbacRequest } from '../../semantics/rbac.ts';
import { ApiError } from '../http/api-error.ts';
import type { Store } from '../store/store.ts';
import { allows } from './authorization.ts';
import type { UserIdentity } from './identity.ts';

/** The answer to `kubectl auth can-i` and `kubectl auth whoami`. Throws 400 on a review that asks nothing. */
export function answerReview(store: Store, identity: UserIdentity, kind: string, review: unknown): object {
  return kind === 'SelfSubjectReview' ? whoAmI(identity) : accessReview(store, identity, review);
}

function whoAmI({ user, groups, uid }: UserIdentity): object {
  return {
    kind: 'SelfSubjectReview',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { creationTimestamp: null },
    status: { userInfo: { username: user, ...(uid === undefined ? {} : { uid }), groups } },
  };
}

function accessReview(store: Store, identity: UserIdentity, review: unknown): object {
  const spec = asMap(asMap(review)['spec']);
  const allowed = allows(store, identity, requestOf(spec));
  return {
    kind: 'SelfSubjectAccessReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: { creationTimestamp: null },
    spec,
    status: { allowed },
  };
}

function requestOf(spec: Record<string, unknown>): RbacRequest {
  const path = asMap(spec['nonResourceAttributes']);
  if (spec['nonResourceAttributes'] !== undefined) {
    return { verb: asText(path['verb']), group: '', resource: '', path: asText(path['path']) };
  }
  if (spec['resourceAttributes'] === undefined) {
    const message = 'Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified';
    const cause = { reason: 'FieldValueInvalid', message, field: 'spec.resourceAttributes' };
    throw new ApiError(422, 'Invalid', `.authorization.k8s.io "" is invalid: spec.resourceAttributes: ${message}`, {
      group: 'authorization.k8s.io',
      causes: [cause],
    });
  }
  const asked = asMap(spec['resourceAttributes']);
  const text = (key: string): object => (asText(asked[key]) === '' ? {} : { [key]: asText(asked[key]) });
  return {
    verb: asText(asked['verb']),
    group: asText(asked['group']),
    resource: asText(asked['resource']),
    ...text('subresource'),
    ...text('name'),
    ...text('namespace'),
  };
}
