/** `pods/NAME/exec` by WebSocket: after the checks, two TLS connections joined byte by byte (subprotocols v4 and v5.channel.k8s.io pass through). */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { KubeObject } from '../../../lib/ports.ts';
import { asMap, asMaps, asText } from '../../semantics/json.ts';
import { ApiError, badRequest, internalError } from '../http/api-error.ts';
import { isTrue } from '../http/request-info.ts';
import type { Store } from '../store/store.ts';
import { chooseContainer, findKubelet, type KubeletAddress, type KubeletConnection } from './kubelet-connection.ts';
import { kubeletFailure } from './relay-upgrade.ts';

/** The API's names for streams, and the kubelet's. */
const STREAMS = { stdin: 'input', stdout: 'output', stderr: 'error', tty: 'tty' } as const;

/** Whether a request asks for a WebSocket (RFC 6455, 4.1). */
export const isWebSocketUpgrade = (request: IncomingMessage): boolean =>
  request.headers.upgrade?.toLowerCase() === 'websocket';

/** 400 for an exec that is no WebSocket; the SPDY of old clients is not spoken here. */
export const needsWebSocket = (): ApiError =>
  badRequest('exec needs a WebSocket (Upgrade: websocket, v5.channel.k8s.io), as kubectl 1.30 and newer open it');

/** Where a command is to run, and how the kubelet is asked for it. */
export interface ProxiedExec {
  pod: string;
  kubelet: KubeletAddress;
  path: string;
}

/** Throws 400 when the request makes no sense, 404 without the node or while the container does not run. */
export function locateExec(store: Store, pod: KubeObject, query: URLSearchParams): ProxiedExec {
  const { namespace = '', name } = pod.metadata;
  const command = query.getAll('command');
  if (command.length === 0) throw badRequest('you must specify at least 1 command for the container');
  const container = chooseContainer(pod, query.get('container') ?? '');
  const nodeName = asText(asMap(pod['spec'])['nodeName']);
  if (nodeName === '') throw badRequest(`pod ${name} does not have a host assigned`);
  const { containerStatuses, ephemeralContainerStatuses } = asMap(pod['status']);
  const statuses = [...asMaps(containerStatuses), ...asMaps(ephemeralContainerStatuses)];
  const status = statuses.find((each) => each['name'] === container);
  // Said here and not only by the kubelet: kubectl hides why a WebSocket failed behind its second try, by SPDY.
  if (status !== undefined && asMap(status['state'])['running'] === undefined) {
    throw new ApiError(404, 'NotFound', `container not found ("${container}")`, { name, kind: 'pods' });
  }
  const options = new URLSearchParams(command.map((part) => ['command', part]));
  for (const [ours, theirs] of Object.entries(STREAMS)) if (isTrue(query.get(ours))) options.set(theirs, '1');
  return {
    pod: name,
    kubelet: findKubelet(store, nodeName),
    path: `/exec/${namespace}/${name}/${container}?${options}`,
  };
}

/** Joins the client's socket to the kubelet's. Throws, before anything is written, what the kubelet refuses with. */
export async function joinExec(
  kubelets: KubeletConnection,
  target: ProxiedExec,
  upgrade: { request: IncomingMessage; socket: Duplex; head: Buffer },
): Promise<void> {
  const call = kubelets.open(target.kubelet, target.path, { method: 'GET', headers: handshake(upgrade.request) });
  await new Promise<void>((resolve, reject) => {
    call.once('upgrade', (answer, kubelet, first) => {
      upgrade.socket.write(`HTTP/1.1 101 Switching Protocols\r\n${headerLines(answer.rawHeaders)}\r\n`);
      join(upgrade.socket, kubelet, upgrade.head, first);
      resolve();
    });
    call.once('response', (answer) => {
      kubeletFailure(answer, target.pod).then(reject, reject);
    });
    call.once('error', (error) => reject(internalError(`error dialing backend: ${error.message}`)));
    call.end();
  });
}

/** The client's own key and protocols, so that the kubelet's acceptance is valid for the client. */
function handshake({ headers }: IncomingMessage): Record<string, string> {
  const passed: Record<string, string> = { Connection: 'Upgrade', Upgrade: 'websocket' };
  for (const name of ['sec-websocket-key', 'sec-websocket-version', 'sec-websocket-protocol']) {
    const value = headers[name];
    if (typeof value === 'string') passed[name] = value;
  }
  return passed;
}

function headerLines(rawHeaders: readonly string[]): string {
  let lines = '';
  for (let index = 0; index < rawHeaders.length; index += 2) {
    lines += `${rawHeaders[index]}: ${rawHeaders[index + 1]}\r\n`;
  }
  return lines;
}

function join(client: Duplex, kubelet: Duplex, fromClient: Buffer, fromKubelet: Buffer): void {
  if (fromClient.length > 0) kubelet.write(fromClient);
  if (fromKubelet.length > 0) client.write(fromKubelet);
  for (const [from, to] of [
    [client, kubelet],
    [kubelet, client],
  ] as const) {
    from.pipe(to);
    from.on('error', () => to.destroy());
    from.once('close', () => to.destroy());
    // It may have gone while the other side was being reached; then nothing will say so again.
    if (from.destroyed) to.destroy();
  }
}
