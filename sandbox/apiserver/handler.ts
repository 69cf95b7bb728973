/** Every request's way: who is it, may they, what is it about, and one answer or one Status. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerContext, Upgrade } from './api-exchange.ts';
import { authorize, authorizeImpersonation } from './auth/authorization.ts';
import { authenticate, type UserIdentity } from './auth/identity.ts';
import { parseImpersonation } from './auth/impersonated-user.ts';
import { answerReview } from './auth/reviews.ts';
import { findServed } from './catalogue.ts';
import { discoveryAnswer } from './discovery/discovery.ts';
import { openApiAnswer } from './discovery/openapi.ts';
import { findReview, servedGroups } from './discovery/resource-list.ts';
import { VERSION } from './discovery/server-version.ts';
import { methodNotAllowed, noSuchPath } from './http/api-error.ts';
import { decodeObject, mediaType, readBody } from './http/body.ts';
import { parseRequestInfo } from './http/request-info.ts';
import { sendError, sendJson, sendText } from './http/respond.ts';
import { routeResource } from './routes.ts';

/** Answers one request; it never throws. */
export async function handleRequest(
  server: ServerContext,
  request: IncomingMessage,
  response: ServerResponse,
  upgrade?: Upgrade,
): Promise<void> {
  response.setHeader('Audit-Id', randomUUID());
  response.setHeader('Cache-Control', 'no-cache, private');
  try {
    await answer(server, request, response, upgrade);
  } catch (error) {
    sendError(response, error);
  }
}

async function answer(
  server: ServerContext,
  request: IncomingMessage,
  response: ServerResponse,
  upgrade: Upgrade | undefined,
): Promise<void> {
  const identity = effectiveIdentity(server, request);
  const url = new URL(request.url ?? '/', 'https://server');
  const info = parseRequestInfo(request.method ?? 'GET', url);
  authorize(server.store, identity, info);
  if (info.kind === 'path') {
    answerPath(server, request, response, info.path);
    return;
  }
  const review = findReview(info.group, info.version, info.plural);
  if (review !== undefined) {
    if (info.verb !== 'create') throw methodNotAllowed();
    const body = await readBody(request);
    // "Who am I" asks nothing; its body, in whatever encoding, is empty.
    const asked = review === 'SelfSubjectReview' ? undefined : await decodeObject(mediaType(request), body);
    sendJson(response, 201, JSON.stringify(answerReview(server.store, identity, review, asked)));
    return;
  }
  const resource = findServed(info.group, info.version, info.plural);
  if (resource === undefined) {
    // A group that exists refuses as an API, anything else as a web server.
    if (servedGroups().some(({ group }) => group === info.group)) throw noSuchPath();
    sendText(response, 404, '404 page not found\n');
    return;
  }
  await routeResource({ server, request, response, info, query: url.searchParams, resource, identity, upgrade });
}

function effectiveIdentity(server: ServerContext, request: IncomingMessage): UserIdentity {
  const identity = authenticate(request, server.tokens);
  const impersonation = parseImpersonation(request.headers, request.rawHeaders);
  if (impersonation === undefined) return identity;
  authorizeImpersonation(server.store, identity, impersonation);
  return impersonation.identity;
}

const HEALTH_PATHS = new Set(['/healthz', '/livez', '/readyz']);

function answerPath(server: ServerContext, request: IncomingMessage, response: ServerResponse, path: string): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed();
  if (HEALTH_PATHS.has(path)) {
    sendText(response, 200, 'ok');
    return;
  }
  if (path === '/version' || path === '/version/') {
    sendJson(response, 200, JSON.stringify(VERSION, undefined, 2));
    return;
  }
  const schema = openApiAnswer(path);
  const found =
    schema === undefined
      ? discoveryAnswer(path, request.headers.accept, server.address)
      : { contentType: 'application/json', body: schema };
  if (found === undefined) sendText(response, 404, '404 page not found\n');
  else sendJson(response, 200, JSON.stringify(found.body), found.contentType);
}
