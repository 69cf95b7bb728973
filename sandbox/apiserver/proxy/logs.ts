/** `pods/NAME/log`: asks the kubelet for a container's output and passes it on, live when followed. */
import type { ServerResponse } from 'node:http';
import type { KubeObject } from '../../../lib/ports.ts';
import { asMap, asText } from '../../semantics/json.ts';
import { internalError } from '../http/api-error.ts';
import { sendText } from '../http/respond.ts';
import { parseCount } from '../rest/read/query.ts';
import type { Store } from '../store/store.ts';
import { chooseContainer, findKubelet, type KubeletConnection } from './kubelet-connection.ts';
import { answerOf, kubeletFailure, relayBody } from './relay-upgrade.ts';

/** Options of PodLogOptions that the kubelet understands under the same name. */
const PASSED_ON = [
  'follow',
  'previous',
  'timestamps',
  'tailLines',
  'limitBytes',
  'sinceSeconds',
  'sinceTime',
  'insecureSkipTLSVerifyBackend',
];

/** Throws 400 without a clear container, 404 without the node, and what the kubelet answers when it refuses. */
export async function sendLogs(
  store: Store,
  kubelets: KubeletConnection,
  pod: KubeObject,
  query: URLSearchParams,
  response: ServerResponse,
): Promise<void> {
  for (const count of ['tailLines', 'limitBytes', 'sinceSeconds']) parseCount(query, count);
  const container = chooseContainer(pod, query.get('container') ?? '');
  const nodeName = asText(asMap(pod['spec'])['nodeName']);
  // A pod that is on no node yet has no output, and that is no error.
  if (nodeName === '') {
    sendText(response, 200, '');
    return;
  }
  const address = findKubelet(store, nodeName);
  const options = new URLSearchParams(PASSED_ON.flatMap((key) => query.getAll(key).map((value) => [key, value])));
  const { namespace = '', name } = pod.metadata;
  const path = `/containerLogs/${namespace}/${name}/${container}?${options}`;
  const call = kubelets.open(address, path, { method: 'GET' });
  response.once('close', () => call.destroy());
  call.end();
  const url = `https://${address.host}:${address.port}${path}`;
  const answer = await answerOf(call, (error) => internalError(`Get "${url}": ${error.message}`));
  if (answer.statusCode !== 200) throw await kubeletFailure(answer, name);
  await relayBody(answer, response, 200, { 'Content-Type': 'text/plain' });
}
