import { StatusError } from '../../core/errors.ts';
import type { ExecOptions, ExecResult } from '../../ports.ts';
import type { Sender } from '../api/api-request.ts';
import type { Transport } from '../api/transport.ts';
import { ExecSession } from './exec-session.ts';
import { openWebSocket, SERVED_PROTOCOLS } from './exec-websocket.ts';

export interface ExecTarget {
  namespace: string;
  pod: string;
  container: string;
  command: readonly string[];
}

/**
 * Runs one command in a container over the API server's websocket and collects its output (Kubernetes >= 1.30 for v5; v4 before).
 * Throws StatusError when the server refuses, ConnectionError when the stream breaks or falls silent (for `silenceMs`) before the command's end was reported.
 */
export async function execInPod(
  transport: Transport,
  target: ExecTarget,
  { signal, onStdout }: Pick<ExecOptions, 'signal' | 'onStdout'>,
  silenceMs?: number,
): Promise<ExecResult> {
  const query = new URLSearchParams();
  for (const word of target.command) query.append('command', word);
  query.append('container', target.container);
  query.append('stdout', 'true');
  query.append('stderr', 'true');
  const pod = `/api/v1/namespaces/${encodeURIComponent(target.namespace)}/pods/${encodeURIComponent(target.pod)}`;
  const url = transport.urlOf(`${pod}/exec?${query}`);
  const open = (access: Sender) => openWebSocket(transport, access, url, SERVED_PROTOCOLS, signal);
  const access = await transport.authenticate(signal);
  const socket = await open(access).catch(async (error: unknown) => {
    const stale =
      error instanceof StatusError && error.httpStatus === 401 && transport.renewCredentials(access.identity);
    if (!stale) throw error;
    return open(await transport.authenticate(signal));
  });
  return await new ExecSession(socket, url, { silenceMs, onStdout }).finished(signal);
}
