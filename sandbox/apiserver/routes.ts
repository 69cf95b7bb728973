/** From verb and subresource to the code that does it. */

import type { ApiExchange } from './api-exchange.ts';
import { badRequest, methodNotAllowed, noSuchPath } from './http/api-error.ts';
import { addWarning } from './http/respond.ts';
import { collectionVerbs, objectVerbs } from './routes-objects.ts';
import { subresourceRoute } from './routes-subresources.ts';

/** The warning of the real server about a resource, on every request, since version 1.33. */
const DEPRECATIONS: Readonly<Record<string, string>> = {
  Endpoints: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
};

/** Carries out one request. Throws 404 where the path leads nowhere and 405 where it does not take the method. */
export async function routeResource(exchange: ApiExchange): Promise<void> {
  const { info, resource, response } = exchange;
  checkScope(exchange);
  const deprecation = DEPRECATIONS[resource.kind];
  if (deprecation !== undefined) addWarning(response, deprecation);
  if (info.subresource !== undefined) {
    if (!resource.subresources.includes(info.subresource)) throw noSuchPath();
    if (info.subpath !== '' && info.subresource !== 'proxy') throw noSuchPath();
    await subresourceRoute(exchange);
    return;
  }
  const routes = info.name === undefined || info.verb === 'watch' ? collectionVerbs : objectVerbs;
  const route = routes[info.verb];
  if (route === undefined) throw methodNotAllowed();
  await route(exchange);
}

/** Namespaced objects live under a namespace's path, others never do; only lists and watches reach across namespaces. */
function checkScope({ info, resource }: ApiExchange): void {
  if (!resource.namespaced) {
    if (info.namespace !== undefined) throw noSuchPath();
    return;
  }
  if (info.namespace !== undefined) return;
  if (info.name !== undefined) throw noSuchPath();
  if (info.verb === 'create') throw badRequest('an empty namespace may not be set during creation');
  if (info.verb !== 'list' && info.verb !== 'watch') throw methodNotAllowed();
}
