/** The verbs on collections and on whole objects. */
import type { KubeObject } from '../../lib/ports.ts';
import { asMap } from '../semantics/json.ts';
import type { ApiExchange } from './api-exchange.ts';
import { chooseRepresentation } from './http/accept.ts';
import { invalid, notFound } from './http/api-error.ts';
import { decodeObject, mediaType, readBody } from './http/body.ts';
import type { RequestVerb } from './http/request-info.ts';
import { sendJson } from './http/respond.ts';
import { listPage } from './rest/read/list-objects.ts';
import { parseSelection } from './rest/read/list-selection.ts';
import { fieldManager, parseDryRun, rfc3339, type WriteQuery } from './rest/read/query.ts';
import { listJson, objectJson, parseIncludeObject, type View } from './rest/read/representation.ts';
import { streamWatch } from './rest/read/watch-stream.ts';
import { createObject } from './rest/write/create.ts';
import { type DeleteResult, deleteObject } from './rest/write/delete.ts';
import { type DeleteRequest, parseDeleteOptions } from './rest/write/delete-options.ts';
import { knownFields } from './rest/write/known-fields.ts';
import { acceptBody } from './rest/write/object-body.ts';
import { warnOf } from './rest/write/object-warnings.ts';
import { applied, decodePatch, parsePatchType, patched } from './rest/write/patch.ts';
import { updateObject } from './rest/write/update.ts';

type Route = (exchange: ApiExchange) => Promise<void> | void;

export const collectionVerbs: Partial<Record<RequestVerb, Route>> = {
  list: (exchange) => {
    const { server, resource, info, query, response } = exchange;
    const selection = parseSelection(resource, { namespace: info.namespace }, query);
    const view = viewOf(exchange);
    sendJson(response, 200, listJson(view, listPage(server.store, resource, selection, query)));
  },
  watch: (exchange) => streamWatch(exchange, viewOf(exchange)),
  create: async (exchange) => {
    const { server, resource, info } = exchange;
    const body = await decodeObject(mediaType(exchange.request), await readBody(exchange.request));
    const object = acceptBody(resource, { namespace: info.namespace }, body);
    const known = knownFields(exchange, object);
    warnOf(exchange.response, object, true);
    sendObject(exchange, 201, createObject(server, resource, known, writeOptions(exchange, 'CreateOptions')));
  },
  deletecollection: async (exchange) => {
    const { server, resource, info, query } = exchange;
    const options = await deleteOptions(exchange);
    const selection = parseSelection(resource, { namespace: info.namespace }, query);
    const page = listPage(server.store, resource, selection, query);
    const items = page.items.map((live) => deleteObject(server, resource, live, options).object);
    sendJson(exchange.response, 200, listJson(viewOf(exchange), { items, metadata: page.metadata }));
  },
};

export const objectVerbs: Partial<Record<RequestVerb, Route>> = {
  get: (exchange) => {
    const view = viewOf(exchange);
    sendJson(exchange.response, 200, objectJson(view, requireObject(exchange)));
  },
  update: async (exchange) => {
    const { server, resource, info } = exchange;
    const body = await decodeObject(mediaType(exchange.request), await readBody(exchange.request));
    const accepted = acceptBody(resource, { namespace: info.namespace, name: info.name }, body);
    const sent = knownFields(exchange, accepted);
    warnOf(exchange.response, sent);
    const options = writeOptions(exchange, 'UpdateOptions');
    const live = findObject(exchange);
    if (live === undefined && resource.createsOnUpdate) {
      sendObject(exchange, 201, createObject(server, resource, sent, options));
      return;
    }
    checkVersionGiven(exchange, sent);
    sendObject(exchange, 200, updateObject(server, resource, live ?? requireObject(exchange), sent, options));
  },
  patch: (exchange) => patchObject(exchange, undefined),
  delete: async (exchange) => {
    const { server, resource } = exchange;
    const options = await deleteOptions(exchange);
    sendDeletion(exchange, deleteObject(server, resource, requireObject(exchange), options));
  },
};

/** PATCH of the whole object, or of the one part that a subresource stands for. */
export async function patchObject(
  exchange: ApiExchange,
  subresource: 'status' | 'ephemeralcontainers' | undefined,
): Promise<void> {
  const { server, resource, info, query, request } = exchange;
  const type = parsePatchType(mediaType(request), resource);
  const patch = await decodePatch(type, await readBody(request));
  const options = { ...writeOptions(exchange, 'PatchOptions'), subresource, tracked: type === 'apply' };
  const place = { namespace: info.namespace, name: info.name };
  if (type !== 'apply') {
    const live = requireObject(exchange);
    const accepted = acceptBody(resource, place, patched(type, live, patch, resource.kind));
    const sent = knownFields(exchange, accepted, 'patch');
    checkSameUid(exchange, live, sent);
    warnOf(exchange.response, sent);
    sendObject(exchange, 200, updateObject(server, resource, live, sent, options));
    return;
  }
  const live = subresource === undefined ? findObject(exchange) : requireObject(exchange);
  const manager = query.get('fieldManager') ?? undefined;
  const sent = applied(resource, place, live, patch, {
    manager,
    force: options.force,
    now: rfc3339(server.now()),
    subresource,
  });
  if (live === undefined) warnOf(exchange.response, sent, true);
  if (live === undefined) sendObject(exchange, 201, createObject(server, resource, sent, options));
  else sendObject(exchange, 200, updateObject(server, resource, live, sent, options));
}

/** How this client wants objects to look. Throws 406 when it takes no JSON. */
export const viewOf = ({ server, resource, request, query }: ApiExchange): View => ({
  resource,
  as: chooseRepresentation(request.headers.accept),
  includeObject: parseIncludeObject(query),
  nowMs: () => server.now(),
});

export function findObject({ server, resource, info }: ApiExchange): KubeObject | undefined {
  return server.store.get(resource, info.namespace, info.name ?? '');
}

/** The object on the path. Throws 404 when there is none. */
export function requireObject(exchange: ApiExchange): KubeObject {
  const object = findObject(exchange);
  if (object !== undefined) return object;
  const { group, plural } = exchange.resource;
  throw notFound({ group, name: plural }, exchange.info.name ?? '');
}

export function writeOptions(
  { query, request, identity }: ApiExchange,
  kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions',
): WriteQuery {
  return {
    dryRun: parseDryRun(query.getAll('dryRun'), kind),
    manager: fieldManager(query, request.headers['user-agent']),
    force: query.get('force') === 'true' || query.get('force') === '1',
    identity,
  };
}

export const sendObject = (exchange: ApiExchange, code: number, object: KubeObject): void =>
  sendJson(exchange.response, code, objectJson(viewOf(exchange), object));

async function deleteOptions({ request, query }: ApiExchange): Promise<DeleteRequest> {
  const body = await readBody(request);
  return parseDeleteOptions(body.length === 0 ? undefined : await decodeObject(mediaType(request), body), query);
}

function sendDeletion(exchange: ApiExchange, { object, gone }: DeleteResult): void {
  const { resource, response } = exchange;
  if (!gone || resource.returnsDeleted) {
    sendObject(exchange, 200, object);
    return;
  }
  const { name, uid } = object.metadata;
  const group = resource.group === '' ? {} : { group: resource.group };
  const details = { name, ...group, kind: resource.plural, uid };
  sendJson(
    response,
    200,
    JSON.stringify({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details }),
  );
}

/** Unlike a PUT, whose uid is a precondition (409), a PATCH may not even try to change it (422). */
function checkSameUid({ resource }: ApiExchange, live: KubeObject, { metadata }: KubeObject): void {
  if (metadata.uid === undefined || metadata.uid === '' || metadata.uid === live.metadata.uid) return;
  const message = `Invalid value: "${metadata.uid}": field is immutable`;
  throw invalid({ group: resource.group, name: resource.kind }, live.metadata.name, [
    { reason: 'FieldValueInvalid', message, field: 'metadata.uid' },
  ]);
}

function checkVersionGiven({ resource }: ApiExchange, { metadata }: KubeObject): void {
  if (!resource.needsVersionOnUpdate || asMap(metadata)['resourceVersion'] !== undefined) return;
  const message = 'Invalid value: 0: must be specified for an update';
  throw invalid({ group: resource.group, name: resource.kind }, metadata.name, [
    { reason: 'FieldValueInvalid', message, field: 'metadata.resourceVersion' },
  ]);
}
