/** Asks a pod's own server whether it is ready, over a real connection as a kubelet does. */
import { connect } from 'node:net';
import type { ProbePlan } from './probe-plan.ts';

export interface ProbeResult {
  ok: boolean;
  /** In the words of a kubelet's Unhealthy event. */
  because: string;
}

/** One attempt, within the probe's time-out. Never throws. `dial` is where the named port really listens. */
export function askProbe(
  plan: ProbePlan,
  dial: { host: string; port: number } | undefined,
  timeoutMs: number,
): Promise<ProbeResult> {
  const { action } = plan;
  if (action.kind === 'none') return Promise.resolve({ ok: true, because: '' });
  if (dial === undefined) return Promise.resolve({ ok: false, because: `no container port ${action.port}` });
  return new Promise((resolve) => {
    const socket = connect({ ...dial, noDelay: true });
    const settle = (ok: boolean, because: string) => {
      resolve({ ok, because });
      socket.destroy();
    };
    socket.setTimeout(timeoutMs, () => settle(false, `no answer from ${dial.host}:${dial.port} in ${timeoutMs} ms`));
    socket.on('error', (error) => settle(false, error.message));
    socket.on('close', () => settle(false, 'connection closed before an answer'));
    socket.on('connect', () => {
      if (action.kind === 'tcp') settle(true, '');
      else socket.write(httpRequest(action.path, dial.host, action.headers));
    });
    let head = '';
    socket.on('data', (bytes: Buffer) => {
      head += bytes.toString('latin1');
      const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? 0);
      if (status === 0) return;
      // 200 to 399 is success (Kubernetes: core/v1 Probe, HTTPGetAction).
      settle(status >= 200 && status < 400, `HTTP probe failed with statuscode: ${status}`);
    });
  });
}

function httpRequest(path: string, host: string, headers: readonly string[]): string {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    'User-Agent: kube-probe/sandbox',
    'Connection: close',
    ...headers,
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}
