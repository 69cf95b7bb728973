/** May this user do this? By the RBAC objects in the store; refusals in the real server's words. */
import { CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, ROLE_BINDINGS, ROLES } from '../../../lib/ports/resources.ts';
import { isAllowed, type RbacRequest } from '../../semantics/rbac.ts';
import { ApiError, forbidden } from '../http/api-error.ts';
import type { RequestInfo } from '../http/request-info.ts';
import type { Store } from '../store/store.ts';
import type { UserIdentity } from './identity.ts';
import type { Impersonation } from './impersonated-user.ts';

/** Asks the policy as it stands in the store now. */
export function allows(store: Store, identity: UserIdentity, request: RbacRequest): boolean {
  return isAllowed({ user: identity.user, groups: identity.groups }, request, {
    roles: store.table(ROLES).list(undefined),
    roleBindings: store.table(ROLE_BINDINGS).list(undefined),
    clusterRoles: store.table(CLUSTER_ROLES).list(undefined),
    clusterRoleBindings: store.table(CLUSTER_ROLE_BINDINGS).list(undefined),
  });
}

/** Throws 403 when the request is not allowed. */
export function authorize(store: Store, identity: UserIdentity, request: RequestInfo): void {
  const access = accessOf(request);
  if (!allows(store, identity, access)) throw refusal(identity, access);
}

/** Throws 403 when the real user may not act as the one asked for. */
export function authorizeImpersonation(store: Store, identity: UserIdentity, { needs }: Impersonation): void {
  for (const need of needs) {
    const access = { verb: 'impersonate', ...need };
    if (!allows(store, identity, access)) throw refusal(identity, access);
  }
}

function accessOf(request: RequestInfo): RbacRequest {
  if (request.kind === 'path') return { verb: request.verb, group: '', resource: '', path: request.path };
  const { verb, group, plural, subresource, namespace } = request;
  const name = request.name ?? request.selectedName;
  // A namespace is authorized as if it were inside itself, so that a Role in it may cover it.
  const scope = plural === 'namespaces' && group === '' ? name : namespace;
  return {
    verb,
    group,
    resource: plural,
    ...(subresource === undefined ? {} : { subresource }),
    ...(name === undefined ? {} : { name }),
    ...(scope === undefined ? {} : { namespace: scope }),
  };
}

function refusal(identity: UserIdentity, access: RbacRequest): ApiError {
  const { verb, group, resource, subresource, name = '', namespace, path } = access;
  if (path !== undefined) {
    return new ApiError(403, 'Forbidden', `forbidden: User "${identity.user}" cannot ${verb} path "${path}"`, {});
  }
  const target = subresource === undefined ? resource : `${resource}/${subresource}`;
  const scope = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  return forbidden(
    { group, name: resource },
    name,
    `User "${identity.user}" cannot ${verb} resource "${target}" in API group "${group}" ${scope}`,
  );
}
