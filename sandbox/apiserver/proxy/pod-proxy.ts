/** `pods/[SCHEME:]NAME[:PORT]/proxy/PATH`: a request straight to the pod, without the caller's credentials. */
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { KubeObject } from '../../../lib/ports.ts';
import { onLoopback } from '../../common/loopback.ts';
import { HOST_PORTS_ANNOTATION } from '../../common/pod-behaviour.ts';
import { asMap, asMaps, asText } from '../../semantics/json.ts';
import { ApiError, badRequest } from '../http/api-error.ts';
import { answerOf, endToEndHeaders, relayBody } from './relay-upgrade.ts';

export interface ProxyTarget {
  pod: string;
  /** A number or a port's name; '' means the first port of the pod. */
  port: string;
}

/** Splits `web-0`, `web-0:9113` and `http:web-0:metrics`. Throws 400 on https, which sandbox pods do not speak, and on anything else. */
export function parseProxyTarget(text: string): ProxyTarget {
  const parts = text.split(':');
  const [scheme, pod = '', port = ''] = parts.length === 3 ? parts : ['', ...parts];
  if (parts.length > 3 || pod === '')
    throw badRequest(`invalid pod request "${text}"; accepted: NAME, NAME:PORT, http:NAME:PORT`);
  if (scheme !== '' && scheme !== 'http')
    throw badRequest(`invalid pod request "${text}": only http pods can be reached`);
  return { pod, port };
}

/** Relays the request. Throws 503 in the real server's words when the pod cannot be reached. */
export async function proxyToPod(
  pod: KubeObject,
  port: string,
  pathAndQuery: string,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const asked = addressOf(pod, port);
  const { host, port: number } = onLoopback({ host: asked.host, port: asked.number });
  const { authorization: _secret, host: _host, ...headers } = endToEndHeaders(incoming.headers);
  const call = request({
    host,
    port: number,
    path: pathAndQuery,
    method: incoming.method,
    headers: { ...headers, 'X-Forwarded-Uri': incoming.url?.split('?')[0] },
    agent: false,
  });
  response.once('close', () => call.destroy());
  incoming.pipe(call);
  const answer = await answerOf(call, (error) => unreachable(`dial tcp ${host}:${number}: ${error.message}`));
  await relayBody(answer, response, answer.statusCode ?? 502, endToEndHeaders(answer.headers));
}

const unreachable = (because: string): ApiError =>
  new ApiError(503, 'ServiceUnavailable', `error trying to reach service: ${because}`, {});

function addressOf(pod: KubeObject, port: string): { host: string; number: number } {
  const number = portNumber(pod, port);
  const mapped = hostPorts(pod)[String(number)];
  if (mapped !== undefined) {
    const split = mapped.lastIndexOf(':');
    return { host: mapped.slice(0, split), number: Number(mapped.slice(split + 1)) };
  }
  const host = asText(asMap(pod['status'])['podIP']);
  if (host === '') throw unreachable(`pod ${pod.metadata.name} has no address yet`);
  return { host, number };
}

function portNumber(pod: KubeObject, asked: string): number {
  if (/^\d{1,5}$/.test(asked)) return Number(asked);
  const ports = asMaps(asMap(pod['spec'])['containers']).flatMap((container) => asMaps(container['ports']));
  const found = asked === '' ? ports[0] : ports.find(({ name }) => name === asked);
  if (typeof found?.['containerPort'] === 'number') return found['containerPort'];
  throw badRequest(`pod ${pod.metadata.name} has no port "${asked}"; use a number or the name of a container port`);
}

/** Where the kubelet really bound the ports, when it could not bind them on the pod's own address. */
function hostPorts(pod: KubeObject): Readonly<Record<string, string>> {
  const text = pod.metadata.annotations?.[HOST_PORTS_ANNOTATION];
  if (text === undefined) return {};
  try {
    const ports = Object.entries(asMap(JSON.parse(text)));
    return Object.fromEntries(ports.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch {
    throw badRequest(`annotation ${HOST_PORTS_ANNOTATION} of pod ${pod.metadata.name} is not JSON: ${text}`);
  }
}
