/** The parts of an object that have a path of their own. */
import { asMap, asText } from '../semantics/json.ts';
import type { ApiExchange } from './api-exchange.ts';
import { badRequest, methodNotAllowed, notFound } from './http/api-error.ts';
import { decodeObject, mediaType, readBody, unsupportedMediaType } from './http/body.ts';
import { sendJson } from './http/respond.ts';
import { isWebSocketUpgrade, joinExec, locateExec, needsWebSocket } from './proxy/exec-proxy.ts';
import { sendLogs } from './proxy/logs.ts';
import { parseProxyTarget, proxyToPod } from './proxy/pod-proxy.ts';
import { bindPod } from './rest/subresources/binding.ts';
import { evictPod } from './rest/subresources/eviction.ts';
import { scaleOf, withScale } from './rest/subresources/scale-subresource.ts';
import { parseDeleteOptions } from './rest/write/delete-options.ts';
import { acceptBody } from './rest/write/object-body.ts';
import { decodePatch, parsePatchType, patched } from './rest/write/patch.ts';
import { updateObject } from './rest/write/update.ts';
import { patchObject, requireObject, sendObject, writeOptions } from './routes-objects.ts';

type Route = (exchange: ApiExchange) => Promise<void>;

/** Carries out a request on a subresource that the resource has. Throws 405 on a verb it does not take. */
export async function subresourceRoute(exchange: ApiExchange): Promise<void> {
  const { verb, subresource = '' } = exchange.info;
  const route = ROUTES[subresource]?.[verb];
  if (route === undefined) throw methodNotAllowed();
  await route(exchange);
}

const getWhole: Route = async (exchange) => sendObject(exchange, 200, requireObject(exchange));

const replacePart =
  (subresource: 'status' | 'finalize' | 'ephemeralcontainers'): Route =>
  async (exchange) => {
    const { server, resource, info } = exchange;
    const body = await decodeObject(mediaType(exchange.request), await readBody(exchange.request));
    const sent = acceptBody(resource, { namespace: info.namespace, name: info.name }, body);
    const options = { ...writeOptions(exchange, 'UpdateOptions'), subresource };
    sendObject(exchange, 200, updateObject(server, resource, requireObject(exchange), sent, options));
  };

const replaceScale: Route = async (exchange) => {
  const body = await decodeObject(mediaType(exchange.request), await readBody(exchange.request));
  writeScale(exchange, body, 'UpdateOptions');
};

const patchScale: Route = async (exchange) => {
  const type = parsePatchType(mediaType(exchange.request), exchange.resource);
  if (type === 'apply') {
    throw unsupportedMediaType([
      'application/json-patch+json',
      'application/merge-patch+json',
      'application/strategic-merge-patch+json',
    ]);
  }
  const patch = await decodePatch(type, await readBody(exchange.request));
  writeScale(exchange, patched(type, scaleOf(requireObject(exchange)), patch, 'Scale'), 'PatchOptions');
};

function writeScale(exchange: ApiExchange, scale: unknown, kind: 'UpdateOptions' | 'PatchOptions'): void {
  const { server, resource } = exchange;
  const live = requireObject(exchange);
  const options = { ...writeOptions(exchange, kind), subresource: 'scale' as const };
  sendObject(exchange, 200, scaleOf(updateObject(server, resource, live, withScale(live, scale), options)));
}

const sendSuccess = (exchange: ApiExchange): void =>
  sendJson(
    exchange.response,
    201,
    JSON.stringify({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }),
  );

const bind: Route = async (exchange) => {
  const body = await decodeObject(mediaType(exchange.request), await readBody(exchange.request));
  const { dryRun } = writeOptions(exchange, 'CreateOptions');
  bindPod(exchange.server, exchange.resource, requireObject(exchange), body, { dryRun });
  sendSuccess(exchange);
};

const evict: Route = async (exchange) => {
  const body = await decodeObject(mediaType(exchange.request), await readBody(exchange.request));
  const pod = requireObject(exchange);
  const name = asText(asMap(body['metadata'])['name']);
  if (name !== '' && name !== pod.metadata.name) throw badRequest('name in URL does not match name in Eviction object');
  const options = parseDeleteOptions(asMap(body['deleteOptions']), exchange.query);
  const { dryRun } = writeOptions(exchange, 'CreateOptions');
  evictPod(exchange.server, exchange.resource, pod, { ...options, dryRun: dryRun || options.dryRun });
  sendSuccess(exchange);
};

const logs: Route = (exchange) =>
  sendLogs(exchange.server.store, exchange.server.kubelets, requireObject(exchange), exchange.query, exchange.response);

const exec: Route = async (exchange) => {
  const { server, request, response, query, upgrade } = exchange;
  const target = locateExec(server.store, requireObject(exchange), query);
  if (upgrade === undefined || !isWebSocketUpgrade(request)) throw needsWebSocket();
  await joinExec(server.kubelets, target, { ...upgrade, request });
  response.detachSocket(request.socket);
};

const proxy: Route = async ({ server, resource, info, request, response }) => {
  const target = parseProxyTarget(info.name ?? '');
  const pod = server.store.get(resource, info.namespace, target.pod);
  if (pod === undefined) throw notFound({ group: '', name: 'pods' }, target.pod);
  // The path goes on as it came, escapes and all.
  const rest = /^.*?\/proxy(?=[/?]|$)(.*)$/.exec(request.url ?? '')?.[1] ?? '';
  await proxyToPod(pod, target.port, rest.startsWith('/') ? rest : `/${rest}`, request, response);
};

const ROUTES: Readonly<Record<string, Readonly<Record<string, Route>>>> = {
  status: { get: getWhole, update: replacePart('status'), patch: (exchange) => patchObject(exchange, 'status') },
  ephemeralcontainers: {
    get: getWhole,
    update: replacePart('ephemeralcontainers'),
    patch: (exchange) => patchObject(exchange, 'ephemeralcontainers'),
  },
  finalize: { update: replacePart('finalize') },
  scale: {
    get: async (exchange) => sendObject(exchange, 200, scaleOf(requireObject(exchange))),
    update: replaceScale,
    patch: patchScale,
  },
  binding: { create: bind },
  eviction: { create: evict },
  log: { get: logs },
  exec: { get: exec, create: exec },
  proxy: { get: proxy, create: proxy, update: proxy, patch: proxy, delete: proxy },
};
